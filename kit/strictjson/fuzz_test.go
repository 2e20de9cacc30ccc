package strictjson_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// finding is an RFC 6901 pointer and a code.
var finding = regexp.MustCompile(`^((?:/(?:[^~/]|~[01])*)*) (control_character|too_large)$`)

// FuzzDecode compares Decode with encoding/json, which is laxer: it decodes all that Decode accepts
// to the same value, also after encoding it again. More seeds are in testdata/fuzz.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"email":"ada@example.com","password":"something longer than that"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		value, found, err := decode(data)
		if err != nil {
			if value != nil || found != nil {
				t.Errorf("an error comes with %v and %q", value, found)
			}
			return
		}
		if !utf8.Valid(data) || !json.Valid(data) || bytes.HasPrefix(data, []byte("\ufeff")) {
			t.Fatalf("%q is taken", data)
		}
		if depth(value) > 32 {
			t.Errorf("%d levels are taken", depth(value))
		}
		checkFindings(t, value, found)
		if slices.ContainsFunc(found, func(text string) bool { return strings.HasSuffix(text, "too_large") }) {
			return // encoding/json refuses the number
		}

		var lax any
		if err := json.Unmarshal(data, &lax); err != nil || !reflect.DeepEqual(asFloats(value), lax) {
			t.Fatalf("%q is read as %#v, by encoding/json as %#v (%v)", data, value, lax, err)
		}
		if written := names(data); members(value) != written {
			t.Errorf("%q has %d members, %d are read", data, written, members(value))
		}
		written, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		again, foundAgain, err := decode(written)
		if err != nil || !reflect.DeepEqual(again, value) || len(foundAgain) != len(found) {
			t.Errorf("%q, written down as %q, is read as %#v and %q (%v)", data, written, again, foundAgain, err)
		}
	})
}

// asFloats returns a value with its integers as float64, which encoding/json decodes them to.
func asFloats(value any) any {
	switch value := value.(type) {
	case int64:
		return float64(value)
	case map[string]any:
		members := map[string]any{}
		for name, member := range value {
			members[name] = asFloats(member)
		}
		return members
	case []any:
		items := []any{}
		for _, item := range value {
			items = append(items, asFloats(item))
		}
		return items
	default:
		return value
	}
}

func checkFindings(t *testing.T, value any, found []string) {
	t.Helper()
	if len(found) > 32 {
		t.Errorf("there are %d findings", len(found))
	}
	for _, text := range found {
		if !finding.MatchString(text) || strings.ContainsFunc(text, unicode.IsControl) {
			t.Errorf("%q is found", text)
		}
	}
	if hasControls(value) != slices.ContainsFunc(found, func(text string) bool { return strings.HasSuffix(text, "control_character") }) &&
		len(found) < 32 {
		t.Errorf("of %#v, %q is found", value, found)
	}
}

// children returns the values in an object or a list, and the names.
func children(value any) (values []any, names []string) {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			values, names = append(values, member), append(names, name)
		}
	case []any:
		values = value
	}
	return values, names
}

func depth(value any) int {
	deepest := 0
	values, _ := children(value)
	for _, child := range values {
		deepest = max(deepest, depth(child))
	}
	switch value.(type) {
	case map[string]any, []any:
		return deepest + 1
	default:
		return 0
	}
}

func members(value any) int {
	values, names := children(value)
	count := len(names)
	for _, child := range values {
		count += members(child)
	}
	return count
}

// names counts the names in JSON text, duplicates included.
func names(data []byte) (count int) {
	type level struct {
		isObject bool
		tokens   int
	}
	levels := []*level{{}}
	for decoder := json.NewDecoder(bytes.NewReader(data)); ; {
		token, err := decoder.Token()
		if err != nil {
			return count
		}
		top := levels[len(levels)-1]
		if token == json.Delim('}') || token == json.Delim(']') {
			levels = levels[:len(levels)-1]
			continue
		}
		if top.isObject && top.tokens%2 == 0 {
			count++
		}
		top.tokens++
		if opening, ok := token.(json.Delim); ok {
			levels = append(levels, &level{isObject: opening == '{'})
		}
	}
}

func hasControls(value any) bool {
	if text, ok := value.(string); ok {
		return strings.ContainsFunc(text, unicode.IsControl)
	}
	values, names := children(value)
	return slices.ContainsFunc(values, hasControls) ||
		slices.ContainsFunc(names, func(name string) bool { return strings.ContainsFunc(name, unicode.IsControl) })
}
