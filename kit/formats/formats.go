package formats

import (
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// JSON types with formats, as OpenAPI names them.
const (
	String  = "string"
	Integer = "integer"
	Number  = "number"
)

// maxInteger is the greatest integer that all JSON parsers represent exactly (RFC 7493, section
// 2.2).
const maxInteger = 1<<53 - 1

// Format is a format of a string or a number.
type Format struct {
	Type    string // String, Integer or Number
	Noun    string // what a value is, such as "a date"; empty if every string is valid
	Example string // a valid value, as text

	check    func(text string) error
	min, max float64
}

// Check returns an error if text is not of a String format. The error does not quote the text.
func (f Format) Check(text string) error {
	if f.check == nil {
		return nil
	}
	return f.check(text)
}

// CheckNumber returns an error if value is out of the range of an Integer or Number format.
func (f Format) CheckNumber(value float64) error {
	if value < f.min || value > f.max {
		return errors.New("out of range")
	}
	return nil
}

// Range returns the least and the greatest value of an Integer or Number format.
func (f Format) Range() (least, greatest float64) { return f.min, f.max }

// Of returns a format by its name in OpenAPI, and whether there is one.
func Of(name string) (Format, bool) {
	f, ok := table()[name]
	return f, ok
}

// Names returns the formats of a type, sorted.
func Names(jsonType string) []string {
	all := table()
	isOther := func(name string) bool { return all[name].Type != jsonType }
	return slices.DeleteFunc(slices.Sorted(maps.Keys(all)), isOther)
}

// table returns all formats. A format with a Go type other than string is as strict as that type,
// so that valid values bind.
func table() map[string]Format {
	text := func(noun, example string, check func(string) error) Format {
		return Format{Type: String, Noun: noun, Example: example, check: check}
	}
	number := func(jsonType, example string, least, greatest float64) Format {
		return Format{Type: jsonType, Example: example, min: least, max: greatest}
	}
	return map[string]Format{
		"binary":        text("", "bytes", nil), // bodies and parts of forms only: JSON has byte
		"byte":          text("base64 (RFC 4648, section 4)", "AAEC", checkBase64),
		"date":          text("a date such as 2026-01-02", "2026-01-02", checkDate),
		"date-time":     text("a time such as 2026-01-02T03:04:05Z (RFC 3339)", "2026-01-02T03:04:05Z", checkDateTime),
		"duration":      text("a duration such as PT1H30M (ISO 8601)", "PT1H30M", matching(durationPattern)),
		"email":         text("an e-mail address in ASCII", "ada@example.com", checkEmail),
		"hostname":      text("a host name", "www.example.com", checkHostname),
		"ipv4":          text("an IPv4 address", "192.0.2.1", checkIPv4),
		"ipv6":          text("an IPv6 address", "2001:db8::1", checkIPv6),
		"password":      text("", "correct horse battery staple", nil),
		"time":          text("a time of day such as 03:04:05Z (RFC 3339)", "03:04:05Z", checkTime),
		"uri":           text("an absolute URI", "https://example.com/", checkURI),
		"uri-reference": text("a URI or a path", "/a?b=c", checkURIReference),
		"uuid":          text("a UUID", "0193f0c4-5b7a-7c3e-9d55-3f1b2a4c6d8e", matching(uuidPattern)),

		"int32":  number(Integer, "1", math.MinInt32, math.MaxInt32),
		"int64":  number(Integer, "1", -maxInteger, maxInteger),
		"float":  number(Number, "1.5", -math.MaxFloat32, math.MaxFloat32),
		"double": number(Number, "1.5", -math.MaxFloat64, math.MaxFloat64),
	}
}

const atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"

const label = `[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?`

var (
	uuidPattern = regexp.MustCompile(`^(?i:[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}` +
		`|00000000-0000-0000-0000-000000000000|ffffffff-ffff-ffff-ffff-ffffffffffff)$`)
	// durationPattern is dur-time and dur-date of RFC 3339, appendix A.
	durationPattern = regexp.MustCompile(`^P(?:[0-9]{1,9}W|` +
		`(?:[0-9]{1,9}Y(?:[0-9]{1,9}M(?:[0-9]{1,9}D)?)?|[0-9]{1,9}M(?:[0-9]{1,9}D)?|[0-9]{1,9}D)(?:T` + durationTime + `)?|T` + durationTime + `)$`)
	// emailPattern is a Mailbox (RFC 5321, section 4.1.2), but no quotes and no address literal.
	emailPattern    = regexp.MustCompile(`^` + atom + `(?:\.` + atom + `)*@` + label + `(?:\.` + label + `)+$`)
	hostnamePattern = regexp.MustCompile(`^` + label + `(?:\.` + label + `)*$`)
	timePattern     = regexp.MustCompile(`^[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?` +
		`(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])$`)
	// uriPattern holds the characters of RFC 3986; url.Parse accepts more.
	uriPattern = regexp.MustCompile(`^(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*$`)
)

const durationTime = `(?:[0-9]{1,9}H(?:[0-9]{1,9}M(?:[0-9]{1,9}S)?)?|[0-9]{1,9}M(?:[0-9]{1,9}S)?|[0-9]{1,9}S)`

var errForm = errors.New("not of that form")

func matching(pattern *regexp.Regexp) func(string) error {
	return func(text string) error {
		if !pattern.MatchString(text) {
			return errForm
		}
		return nil
	}
}

func checkEmail(text string) error {
	if strings.IndexByte(text, '@') > 64 || !emailPattern.MatchString(text) {
		return errForm
	}
	return nil
}

func checkBase64(text string) error {
	if strings.ContainsAny(text, "\r\n") { // the decoder skips them
		return errForm
	}
	if _, err := base64.StdEncoding.Strict().DecodeString(text); err != nil {
		return errForm
	}
	return nil
}

func checkDate(text string) error {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return errForm
	}
	return checkYear(day)
}

func checkDateTime(text string) error {
	if _, timeOfDay, _ := strings.Cut(text, "T"); !timePattern.MatchString(timeOfDay) { // package time accepts more
		return errForm
	}
	var instant time.Time
	if err := instant.UnmarshalText([]byte(text)); err != nil {
		return errForm
	}
	return checkYear(instant.UTC())
}

// checkYear accepts years of four digits.
func checkYear(t time.Time) error {
	if t.Year() < 1 || t.Year() > 9999 {
		return errors.New("not a year of four digits")
	}
	return nil
}

func checkTime(text string) error {
	if !timePattern.MatchString(text) {
		return errForm
	}
	var instant time.Time
	if err := instant.UnmarshalText([]byte("2026-01-02T" + text)); err != nil {
		return errForm
	}
	return nil
}

func checkHostname(text string) error {
	if len(text) > 253 || !hostnamePattern.MatchString(text) {
		return errForm
	}
	return nil
}

func checkIPv4(text string) error {
	if address, err := netip.ParseAddr(text); err != nil || !address.Is4() {
		return errForm
	}
	return nil
}

func checkIPv6(text string) error {
	if address, err := netip.ParseAddr(text); err != nil || !address.Is6() || address.Zone() != "" {
		return errForm
	}
	return nil
}

func checkURI(text string) error {
	if err := checkURIReference(text); err != nil {
		return err
	}
	parsed, err := url.Parse(text)
	if err != nil || !parsed.IsAbs() || parsed.Host == "" && parsed.Opaque == "" && parsed.Path == "" {
		return errForm
	}
	return nil
}

func checkURIReference(text string) error {
	if _, err := url.Parse(text); err != nil || !uriPattern.MatchString(text) {
		return errForm
	}
	return nil
}

// Check returns an error if a schema of this type may not have the format. An empty format is always valid.
func Check(jsonType, format string) error {
	if format == "" {
		return nil
	}
	known, ok := Of(format)
	if !ok || known.Type != jsonType {
		return fmt.Errorf("the format %q is not checked for the type %s: "+
			"use one of %s, or leave it out and write a pattern",
			format, jsonType, strings.Join(Names(jsonType), ", "))
	}
	return nil
}

// CheckTypes is [Check] for a schema that allows these types. Only one with a single type may have a
// format of numbers.
func CheckTypes(jsonTypes []string, format string) error {
	if len(jsonTypes) != 1 {
		return Check(String, format)
	}
	return Check(jsonTypes[0], format)
}
