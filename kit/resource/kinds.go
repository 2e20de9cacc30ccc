package resource

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The kinds with rules of their own.
const (
	kindString  = "string"
	kindText    = "text"
	kindEmail   = "email"
	kindURL     = "url"
	kindInt32   = "int32"
	kindInt64   = "int64"
	kindDecimal = "decimal"
	kindEnum    = "enum"
	kindRef     = "ref"
	kindList    = "[]string"
)

// kind is what a kind of fields is in the contract, in SQL, in Go and in tests.
type kind struct {
	syntax string // in FIELDS
	bounds *bounds

	// The contract.
	schema   func(Field) []string // members of the schema; the first is the type
	shared   func(Field) bool     // the schema is a component
	describe func(Field) string   // without a full stop
	isFilter bool

	// SQL.
	column  string
	checks  func(Field) [][2]string // suffix of the name, condition
	literal func(string) string     // of a default

	// Go. A pair of formats converts a value and a pointer to one.
	goType    string // in the domain
	imports   string // of that type
	remark    string
	toAPI     [2]string
	fromAPI   [2]string
	goLiteral func(string) string // of a default

	// Defaults and uniqueness.
	checkDefault func(f Field, text string) error // nil: no defaults
	canBeUnique  bool

	// Tests.
	test testValues
}

// bounds are those of a field that says nothing, and the widest.
type bounds struct {
	min, max       int64
	least, most    int64
	what           string // of what there are bounds
	onlyIfDeclared bool
}

// kinds returns the table.
func kinds() map[string]kind {
	plain := [2]string{"%s", "%s"}
	always := func(Field) bool { return true }
	never := func(Field) bool { return false }
	the := func(f Field) string { return "The " + f.Words() + " of the " + f.of.Words() }
	none := func(Field) [][2]string { return nil }
	asIs := func(text string) string { return text }
	length := func(f Field) [][2]string {
		return [][2]string{{"length", between("char_length("+f.Name+")", f.Min, f.Max)}}
	}
	text := kind{
		syntax: "string:1..200", bounds: &bounds{1, 200, 0, 2000, "characters", false},
		schema: func(f Field) []string {
			lines := []string{"string", fmt.Sprintf("maxLength: %d", f.Max), "example: " + yamlText(sample(f))}
			if f.Min > 0 {
				lines = slices.Insert(lines, 1, fmt.Sprintf("minLength: %d", f.Min))
			}
			return lines
		},
		shared: always, describe: the, column: "text", checks: length, literal: sqlText, goType: "string", toAPI: plain, fromAPI: plain,
		goLiteral: strconv.Quote, checkDefault: checkText, canBeUnique: true, test: textTest,
	}
	multiline := text
	multiline.syntax, multiline.bounds, multiline.canBeUnique = "text:0..10000", &bounds{0, 10000, 0, 10000, "characters", false}, false
	multiline.schema = func(f Field) []string {
		lines := text.schema(f)
		return append(lines[:1:1], append([]string{"x-multiline: true"}, lines[1:]...)...)
	}
	email := text
	email.syntax, email.bounds, email.test = kindEmail, nil, emailTest
	email.schema = func(Field) []string {
		return []string{"string", "format: email", "maxLength: 254", "example: ada@example.com"}
	}
	email.checks = func(f Field) [][2]string { return [][2]string{{"length", "char_length(" + f.Name + ") <= 254"}} }
	url := text
	url.syntax, url.bounds, url.test = kindURL, nil, urlTest
	url.schema = func(Field) []string {
		return []string{
			"string", "format: uri", "title: a URL that begins with https:// or http://",
			`pattern: '^https?://[^\x00-\x20\x7f-\x9f]+$'`, "maxLength: 2000", "example: https://example.com/",
		}
	}
	url.checks = func(f Field) [][2]string { return [][2]string{{"length", "char_length(" + f.Name + ") <= 2000"}} }

	return map[string]kind{
		kindString: text, kindText: multiline, kindEmail: email, kindURL: url,
		"bool": {
			syntax: "bool", schema: func(Field) []string { return []string{"boolean"} }, shared: never, isFilter: true,
			describe: describeBool,
			column:   "boolean", checks: none, literal: asIs, goType: "bool", toAPI: plain, fromAPI: plain, goLiteral: asIs,
			checkDefault: func(_ Field, text string) error { return oneOf(text, "true", "false") }, test: boolTest,
		},
		kindInt32: integer(kindInt32, "integer", 1<<31-1), kindInt64: integer(kindInt64, "bigint", 1<<53-1),
		kindDecimal: {
			syntax: "decimal:12,2", schema: func(f Field) []string {
				return []string{"string", "title: a decimal such as " + sample(f), "pattern: '" + decimalPattern(f) + "'", "example: " + strconv.Quote(sample(f))}
			},
			shared: always, describe: func(f Field) string { return the(f) + ", a decimal" }, column: "numeric", checks: none, literal: asIs,
			goType: "exact.Decimal", imports: "kit/exact", toAPI: [2]string{"string(%s)", "(*string)(%s)"},
			fromAPI: [2]string{"exact.Decimal(%s)", "(*exact.Decimal)(%s)"}, goLiteral: strconv.Quote,
			checkDefault: checkDecimal, test: decimalTest,
		},
		"date": {
			syntax: "date", schema: func(Field) []string { return []string{"string", "format: date", `example: "2026-01-02"`} },
			shared: never, describe: describeDate, column: "date", checks: none,
			goType: "time.Time", imports: "time", remark: "midnight in UTC",
			toAPI:   [2]string{"openapi_types.Date{Time: %s}", "httpkit.DateOf(%s)"},
			fromAPI: [2]string{"%s.Time", "httpkit.TimeOf(%s)"}, test: dateTest,
		},
		"time": {
			syntax: "time", schema: func(Field) []string {
				return []string{"string", "format: date-time", `example: "2026-01-02T03:04:05Z"`}
			},
			shared: never, describe: func(f Field) string { return "The time `" + f.Name + "` of the " + f.of.Words() },
			column: "timestamptz", checks: none, goType: "time.Time", imports: "time",
			toAPI: [2]string{"%s.UTC()", "httpkit.UTC(%s)"}, fromAPI: plain, test: timeTest,
		},
		kindEnum: {
			syntax: "enum(draft|done)", schema: func(f Field) []string {
				return []string{"string", "enum: [" + strings.Join(f.Values, ", ") + "]", "example: " + f.Values[0]}
			},
			shared: always, describe: the, isFilter: true, column: "text", checks: func(f Field) [][2]string {
				return [][2]string{{"is_known", f.Name + " IN ('" + strings.Join(f.Values, "', '") + "')"}}
			},
			literal: sqlText, toAPI: [2]string{"api.TYPE(%s)", "(*api.TYPE)(%s)"},
			fromAPI: [2]string{"domain.TYPE(%s)", "(*domain.TYPE)(%s)"}, goLiteral: strconv.Quote,
			checkDefault: func(f Field, text string) error { return oneOf(text, f.Values...) }, test: enumTest,
		},
		kindRef: {
			syntax: "ref:user", schema: func(Field) []string {
				return []string{
					"string", "title: a ULID", `pattern: "^[0-7][0-9A-HJKMNP-TV-Z]{25}$"`, "minLength: 26", "maxLength: 26",
					"example: 01JD8Z5V3K4N6P7Q8R9S0T1V2W",
				}
			},
			shared: func(f Field) bool { return f.Nullable }, isFilter: true, describe: func(f Field) string {
				return "The account that is the " + words(strings.TrimSuffix(f.Name, "_id")) + " of the " + f.of.Words()
			},
			column: "text", checks: none, goType: "string", toAPI: plain, fromAPI: plain, test: refTest,
		},
		kindList: {
			syntax: "[]string:0..20", bounds: &bounds{0, 20, 0, 100, "items", false}, schema: func(f Field) []string {
				lines := []string{"array", fmt.Sprintf("maxItems: %d", f.Max), "items: {type: string, minLength: 1, maxLength: 100}"}
				if f.Min > 0 {
					lines = append(lines, fmt.Sprintf("minItems: %d", f.Min))
				}
				return append(lines, "example: ["+strings.Join(sampleItems(f), ", ")+"]")
			},
			shared: never, describe: the, column: "text []", checks: func(f Field) [][2]string {
				return [][2]string{{"count", between("cardinality("+f.Name+")", f.Min, f.Max)}}
			},
			goType: "[]string", toAPI: plain, fromAPI: plain, test: listTest,
		},
	}
}

// integer returns the kind of integers up to a maximum, with bounds if they are declared.
func integer(format, column string, most int64) kind {
	plain, asIs := [2]string{"%s", "%s"}, func(text string) string { return text }
	return kind{
		syntax: format + ":0..100", bounds: &bounds{-most, most, -most, most, "values", true},
		schema: func(f Field) []string {
			lines := []string{"integer", "format: " + format}
			if f.Bounded {
				lines = append(lines, fmt.Sprintf("minimum: %d", f.Min), fmt.Sprintf("maximum: %d", f.Max))
			}
			return append(lines, "example: "+sample(f))
		},
		shared: func(f Field) bool { return f.Bounded }, describe: func(f Field) string { return "The " + f.Words() + " of the " + f.of.Words() },
		column: column, checks: func(f Field) [][2]string {
			if !f.Bounded {
				return nil
			}
			return [][2]string{{"range", fmt.Sprintf("%s BETWEEN %d AND %d", f.Name, f.Min, f.Max)}}
		},
		literal: asIs, goType: format, toAPI: plain, fromAPI: plain, goLiteral: asIs,
		checkDefault: checkInteger, canBeUnique: true, test: integerTest,
	}
}

func describeBool(f Field) string {
	for prefix, verb := range map[string]string{"is_": "is ", "has_": "has "} {
		if rest, ok := strings.CutPrefix(f.Name, prefix); ok {
			return "Whether the " + f.of.Words() + " " + verb + words(rest)
		}
	}
	return "Whether the " + f.of.Words() + " is " + f.Words()
}

func describeDate(f Field) string {
	if rest, ok := strings.CutSuffix(f.Name, "_on"); ok {
		return "The " + words(rest) + " date of the " + f.of.Words()
	}
	return "The " + f.Words() + " of the " + f.of.Words()
}

func sqlText(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// yamlText writes a text, in quotation marks if it needs them.
func yamlText(text string) string {
	plain := text != "" && !strings.ContainsAny(text, "\n\"\\{}[]&*!|>%@#`'?") && !strings.Contains(text, ": ") &&
		!strings.ContainsAny(text[:1], "-?:, 0123456789") && !strings.HasSuffix(text, ":") && !strings.HasSuffix(text, " ")
	startsWithWord := text != "" && (text[0] >= 'A' && text[0] <= 'Z') && !strings.Contains(text, ": ") && !strings.Contains(text, " #") &&
		!strings.Contains(text, "\n")
	switch text {
	case "true", "false", "null", "yes", "no", "on", "off":
		plain = false
	}
	if plain || startsWithWord {
		return text
	}
	return strconv.Quote(text)
}

// between returns the condition of the bounds of something that is at least 0.
func between(what string, low, high int64) string {
	if low == 0 {
		return fmt.Sprintf("%s <= %d", what, high)
	}
	return fmt.Sprintf("%s BETWEEN %d AND %d", what, low, high)
}
