package resource

import (
	"fmt"
	"strconv"
	"strings"

	"example.com/plinth/kit/internal/goname"
)

// testValues are the values of a kind in examples and tests. other asks for a second value.
type testValues struct {
	json       func(f Field, other bool) string // in the contract
	client     func(f Field, other bool) string // an expression in Go, of the type of the client
	clientType func(Field) string
	refused    func(Field) []string // JSON outside of the bounds, as expressions in Go
	accepted   func(Field) []string // JSON at the bounds, as expressions in Go
}

func typed(name string) func(Field) string { return func(Field) string { return name } }

func quotedAll(texts ...string) []string {
	for i, text := range texts {
		texts[i] = quoteGo(text)
	}
	return texts
}

// quoteGo writes a text in Go, without escapes if it can be.
func quoteGo(text string) string {
	if strings.Contains(text, `"`) && strconv.CanBackquote(text) {
		return "`" + text + "`"
	}
	return strconv.Quote(text)
}

// repeated returns an expression for a JSON text of n characters.
func repeated(n int64) string {
	if n <= 8 {
		return quoteGo(strconv.Quote(strings.Repeat("x", int(n))))
	}
	return fmt.Sprintf("`\"` + strings.Repeat(\"x\", %d) + `\"`", n)
}

var textTest = testValues{
	json: func(f Field, other bool) string {
		if other {
			return strconv.Quote(fit("Another "+f.Words(), f))
		}
		return strconv.Quote(sample(f))
	},
	client: func(f Field, other bool) string {
		switch {
		case f.Unique && f.Max < 26:
			return fmt.Sprintf("rand.Text()[:%d]", f.Max)
		case f.Unique && f.Min > 26:
			return fmt.Sprintf("strings.Repeat(rand.Text(), %d)[:%d]", f.Min/26+1, f.Min)
		case f.Unique:
			return "rand.Text()"
		case f.Min > 40:
			return fmt.Sprintf("strings.Repeat(%q, %d)", map[bool]string{false: "x", true: "y"}[other], f.Min)
		case other:
			return strconv.Quote(fit("Another "+f.Words(), f))
		}
		return strconv.Quote(sample(f))
	},
	clientType: typed("string"),
	refused: func(f Field) []string {
		all := []string{repeated(f.Max + 1)}
		if f.Min > 0 {
			all = append(all, repeated(f.Min-1))
		}
		if f.Kind == kindString && f.Max >= 4 {
			all = append(all, quoteGo(`"a\u0007b`+strings.Repeat("x", int(max(f.Min-3, 0)))+`"`))
		}
		return append(all, quoteGo("1"))
	},
	accepted: func(f Field) []string {
		if f.Unique && f.Min < 4 {
			return []string{repeated(f.Max)}
		}
		return []string{repeated(f.Min), repeated(f.Max)}
	},
}

var emailTest = testValues{
	json: func(_ Field, other bool) string {
		return map[bool]string{false: "ada@example.com", true: "grace@example.com"}[other]
	},
	client: func(f Field, other bool) string {
		if f.Unique {
			return "apitest.NewEmail()"
		}
		return strconv.Quote(map[bool]string{false: "ada@example.com", true: "grace@example.com"}[other])
	},
	clientType: typed("string"),
	refused:    func(Field) []string { return quotedAll(`"ada"`, `"ada@"`, "1") },
	accepted:   func(Field) []string { return nil },
}

var urlTest = testValues{
	json: func(_ Field, other bool) string {
		return strconv.Quote(map[bool]string{false: "https://example.com/", true: "http://example.com/a?b=c"}[other])
	},
	client: func(f Field, other bool) string {
		if f.Unique {
			return `"https://example.com/" + rand.Text()`
		}
		return strconv.Quote(map[bool]string{false: "https://example.com/", true: "http://example.com/a?b=c"}[other])
	},
	clientType: typed("string"),
	refused: func(Field) []string {
		return append(quotedAll(`"example.com"`, `"javascript:alert(1)"`, "1"), longURL(2001))
	},
	accepted: func(Field) []string { return []string{longURL(2000)} },
}

// longURL returns an expression for a JSON text with a URL of n characters.
func longURL(n int) string {
	return fmt.Sprintf("`\"https://` + strings.Repeat(\"x\", %d) + `\"`", n-len("https://"))
}

var boolTest = testValues{
	json:       func(_ Field, other bool) string { return strconv.FormatBool(!other) },
	client:     func(_ Field, other bool) string { return strconv.FormatBool(!other) },
	clientType: typed("bool"),
	refused:    func(Field) []string { return quotedAll(`"true"`, "1") },
	accepted:   func(Field) []string { return nil },
}

func integerValue(f Field, other bool) string {
	if other {
		if n := clamp(8, f); n != clamp(7, f) {
			return strconv.FormatInt(n, 10)
		}
		return strconv.FormatInt(clamp(6, f), 10)
	}
	return sample(f)
}

var integerTest = testValues{
	json: integerValue,
	client: func(f Field, other bool) string {
		if !f.Unique {
			return integerValue(f, other)
		}
		if !f.Bounded {
			return map[string]string{kindInt32: "mathrand.Int32()", kindInt64: "mathrand.Int64N(1 << 53)"}[f.Kind]
		}
		number := fmt.Sprintf("mathrand.%sN(%d)", upperFirst(f.Kind), min(f.Max-f.Min, 1<<31-2))
		if f.Min != 0 {
			number += " + " + strconv.FormatInt(f.Min, 10)
		}
		return strings.ReplaceAll(number, "+ -", "- ")
	},
	clientType: func(f Field) string { return f.Kind },
	refused: func(f Field) []string {
		if !f.Bounded {
			return quotedAll(map[string]string{kindInt32: "2147483648", kindInt64: "9007199254740992"}[f.Kind], "1.5", `"1"`)
		}
		return quotedAll(strconv.FormatInt(f.Min-1, 10), strconv.FormatInt(f.Max+1, 10), "0.5", `"1"`)
	},
	accepted: func(f Field) []string {
		if !f.Bounded {
			return quotedAll("-1", map[string]string{kindInt32: "2147483647", kindInt64: "9007199254740991"}[f.Kind])
		}
		return quotedAll(strconv.FormatInt(f.Min, 10), strconv.FormatInt(f.Max, 10))
	},
}

func decimalValue(f Field, other bool) string {
	return strconv.Quote(decimal(map[bool]string{false: "12", true: "34"}[other], f))
}

var decimalTest = testValues{
	json: decimalValue, client: decimalValue, clientType: typed("string"),
	refused: func(f Field) []string {
		return quotedAll(`"0.`+strings.Repeat("1", int(f.Max)+1)+`"`, `"1`+strings.Repeat("0", int(f.Min-f.Max))+`"`, `"1e1"`, "1")
	},
	accepted: func(f Field) []string {
		nines := func(n int64) string { return strings.Repeat("9", int(n)) }
		greatest := nines(f.Min - f.Max)
		if greatest == "" {
			greatest = "0"
		}
		if f.Max > 0 {
			greatest += "." + nines(f.Max)
		}
		return quotedAll(`"`+greatest+`"`, `"-`+greatest+`"`, `"0"`)
	},
}

var dateTest = testValues{
	json: func(_ Field, other bool) string {
		return strconv.Quote(map[bool]string{false: "2026-01-02", true: "2027-02-03"}[other])
	},
	client: func(_ Field, other bool) string {
		day := map[bool]string{false: "2026, time.January, 2", true: "2027, time.February, 3"}[other]
		return "openapi_types.Date{Time: time.Date(" + day + ", 0, 0, 0, 0, time.UTC)}"
	},
	clientType: typed("openapi_types.Date"),
	refused:    func(Field) []string { return quotedAll(`"2026-02-30"`, `"2026-01-02T03:04:05Z"`, "1") },
	accepted:   func(Field) []string { return quotedAll(`"0001-01-01"`, `"9999-12-31"`) },
}

var timeTest = testValues{
	json: func(_ Field, other bool) string {
		return strconv.Quote(map[bool]string{false: "2026-01-02T03:04:05Z", true: "2027-02-03T04:05:06Z"}[other])
	},
	client: func(_ Field, other bool) string {
		return map[bool]string{
			false: "time.Date(2026, time.January, 2, 3, 4, 5, 0, time.UTC)", true: "time.Date(2027, time.February, 3, 4, 5, 6, 0, time.UTC)",
		}[other]
	},
	clientType: typed("time.Time"),
	refused:    func(Field) []string { return quotedAll(`"2026-01-02"`, `"2026-01-02T03:04:05"`, "1") },
	accepted:   func(Field) []string { return quotedAll(`"0001-01-01T00:00:00Z"`, `"9999-12-31T23:59:59+00:00"`) },
}

// enumValue returns one of the values; the second one if other, or the only one.
func enumValue(f Field, other bool) string {
	if other {
		return f.Values[len(f.Values)-1]
	}
	return f.Values[0]
}

var enumTest = testValues{
	json: enumValue,
	client: func(f Field, other bool) string {
		return "apiclient." + f.Schema() + goname.Of(enumValue(f, other))
	},
	clientType: func(f Field) string { return "apiclient." + f.Schema() },
	refused:    func(Field) []string { return quotedAll(`"none of them"`, "1") },
	accepted:   func(Field) []string { return nil },
}

var refTest = testValues{
	json:       func(Field, bool) string { return "01JD8Z5V3K4N6P7Q8R9S0T1V2W" },
	client:     func(_ Field, other bool) string { return map[bool]string{false: "userID", true: "otherID"}[other] },
	clientType: typed("string"),
	refused:    func(Field) []string { return quotedAll(`"42"`, `"01JD8Z5V3K4N6P7Q8R9S0T1V2X"`, "1") },
	accepted:   func(Field) []string { return nil },
}

var listTest = testValues{
	json: func(f Field, other bool) string {
		items := sampleItems(f)
		if other {
			items = otherItems(f)
		}
		return "[" + strings.Join(items, ", ") + "]"
	},
	client: func(f Field, other bool) string {
		items := sampleItems(f)
		if other {
			items = otherItems(f)
		}
		return `[]string{"` + strings.Join(items, `", "`) + `"}`
	},
	clientType: typed("[]string"),
	refused: func(f Field) []string {
		all := []string{fmt.Sprintf("`[\"x\"` + strings.Repeat(`,\"x\"`, %d) + `]`", f.Max)}
		if f.Min > 0 {
			all = append(all, quoteGo("[]"))
		}
		return append(all, quoteGo(`"x"`))
	},
	accepted: func(f Field) []string {
		all := []string{fmt.Sprintf("`[\"x\"` + strings.Repeat(`,\"x\"`, %d) + `]`", f.Max-1)}
		if f.Min == 0 {
			all = append(all, quoteGo("[]"))
		}
		return all
	},
}

func otherItems(f Field) []string { return sampleItems(f)[:max(f.Min, 1)] }

// Client returns the value of the field in tests, as a value of the client.
func (f Field) Client(other bool) string { return f.kind().test.client(f, other) }

// ClientType returns the type of the client.
func (f Field) ClientType() string { return f.kind().test.clientType(f) }

// typedClient is Client with the type, where the value alone has another.
func (f Field) typedClient(other bool) string {
	value := f.Client(other)
	if (f.Kind == kindInt32 || f.Kind == kindInt64) && !f.Unique {
		return f.Kind + "(" + value + ")"
	}
	return value
}

// Optional values are pointers, but lists.
func (f Field) pointer(other bool) string {
	if f.IsList() {
		return f.Client(other)
	}
	return "new(" + f.typedClient(other) + ")"
}

// InCreate returns the value of the field in a request that creates a resource.
func (f Field) InCreate(other bool) string {
	if f.IsRequired() || f.IsList() {
		return f.Client(other)
	}
	return f.pointer(other)
}

// InChange returns the value of the field in a request that changes a resource.
func (f Field) InChange(other bool) string {
	if f.Nullable {
		return "nullable.NewNullableWithValue(" + f.typedClient(other) + ")"
	}
	return f.pointer(other)
}

// InResponse returns the value of the field in a response.
func (f Field) InResponse(other bool) string {
	if f.Nullable {
		return f.pointer(other)
	}
	return f.Client(other)
}

// WhenAbsent returns the value in a response to a request that creates a resource without the field.
func (f Field) WhenAbsent() string {
	switch {
	case f.Nullable:
		return "nil"
	case f.IsList():
		return "[]string{}"
	case f.Default == nil:
		return ""
	case f.IsEnum():
		return "apiclient." + f.Schema() + goname.Of(*f.Default)
	}
	return f.kind().goLiteral(*f.Default)
}

// Refused returns JSON that the contract refuses, as expressions in Go.
func (f Field) Refused() []string {
	all := f.kind().test.refused(f)
	if !f.Nullable {
		all = append(all, quoteGo("null"))
	}
	return all
}

// Accepted returns JSON at the bounds, as expressions in Go.
func (f Field) Accepted() []string { return f.kind().test.accepted(f) }

// HasOther reports whether the second value differs from the first.
func (f Field) HasOther() bool { return f.Client(false) != f.Client(true) || f.Unique }

// OtherFilter returns the second value as a filter.
func (f Field) OtherFilter() string {
	if f.IsEnum() && f.Nullable {
		return "new(apiclient.List" + f.of.Types() + "Params" + f.Type() + goname.Of(enumValue(f, true)) + ")"
	}
	return "new(" + f.typedClient(true) + ")"
}
