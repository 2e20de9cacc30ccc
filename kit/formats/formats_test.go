package formats_test

import (
	"strings"
	"testing"

	"example.com/plinth/kit/formats"
)

func TestFormats(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ good, bad []string }{
		"byte":          {[]string{"", "AA=="}, []string{"A", "AA", "AB==", "AA==\n", "_-AA"}},
		"date":          {[]string{"2024-02-29"}, []string{"", "2023-02-29", "2024-2-29", "0000-01-01", "2024-02-29T00:00:00Z"}},
		"date-time":     {[]string{"2024-02-29T23:59:59.5+01:00"}, []string{"", "2024-02-29", "2024-02-29 00:00:00Z", "2024-02-29T00:00:00", "0001-01-01T00:00:00+01:00", "2024-02-29T0:00:00Z", "2024-02-29T00:00:00,5Z", "2024-02-29T00:00:00+24:00", "2024-02-29T00:00:00+01:60"}},
		"time":          {[]string{"23:59:59.123+01:00"}, []string{"", "24:00:00Z", "12:00", "12:00:00", "1:00:00Z", "12:00:00+24:00"}},
		"duration":      {[]string{"P1W", "P1Y2M3DT4H5M6S", "PT0S", "P1DT1M"}, []string{"", "P", "PT", "1H", "P1H", "-PT1S", "P1.5D", "P1W2D", "P1DT"}},
		"uuid":          {[]string{"00000000-0000-0000-0000-000000000000", "0193F0C4-5B7A-7C3E-9D55-3F1B2A4C6D8E"}, []string{"", "{0193f0c4-5b7a-7c3e-9d55-3f1b2a4c6d8e}", "0193f0c45b7a7c3e9d553f1b2a4c6d8e", "0193f0c4-5b7a-0c3e-9d55-3f1b2a4c6d8e"}},
		"email":         {[]string{"a.b+c@d-e.example"}, []string{"", "ada", "a@b", "a b@c.de", "ä@example.com", strings.Repeat("a", 65) + "@b.de", "a.@b.de", ".a@b.de", "a..b@c.de", "Ada <ada@example.com>"}},
		"hostname":      {[]string{"localhost", "a.b.c", "xn--bcher-kva.example"}, []string{"", "-a", "a-", "a..b", "a_b", "a.", strings.Repeat("a", 64)}},
		"ipv4":          {[]string{"0.0.0.0"}, []string{"", "999", "256.0.0.1", "1.2.3", "01.2.3.4", "::1", "1.2.3.4/8"}},
		"ipv6":          {[]string{"::", "::ffff:192.0.2.1"}, []string{"", "fe80::1%eth0", "1.2.3.4", "[::1]", "1::2::3"}},
		"uri":           {[]string{"mailto:a@b.de", "urn:a:b", "https://example.com/a%20b#c"}, []string{"", "not a url", "/a", "//example.com", "https:", "https://a b/", "https://exämple.com", "https://a/%zz", "1http://a"}},
		"uri-reference": {[]string{"", "/a", "?b", "#c", "//example.com/a"}, []string{"a b", "%", "ä", "http://[::1"}},
		"password":      {[]string{"", "ä b"}, nil},
		"binary":        {[]string{"", "\x00"}, nil},
	}
	for _, name := range formats.Names(formats.String) {
		format, _ := formats.Of(name)
		test, tested := tests[name]
		if !tested {
			t.Errorf("no test of %s", name)
		}
		for _, good := range append(test.good, format.Example) {
			if err := format.Check(good); err != nil {
				t.Errorf("%s rejects %q: %v", name, good, err)
			}
		}
		for _, bad := range test.bad {
			if format.Check(bad) == nil {
				t.Errorf("%s accepts %q", name, bad)
			}
		}
	}
}

func TestCheckNamesTheFormatsOfTheType(t *testing.T) {
	t.Parallel()
	for jsonType, format := range map[string]string{"string": "uuid", "integer": "int64", "number": "", "boolean": ""} {
		if err := formats.Check(jsonType, format); err != nil {
			t.Error(err)
		}
	}
	for jsonType, format := range map[string]string{"string": "ulid", "integer": "double", "boolean": "yes"} {
		if err := formats.Check(jsonType, format); err == nil || !strings.Contains(err.Error(), "use one of") {
			t.Errorf("%s of the format %s: %v", jsonType, format, err)
		}
	}
}
