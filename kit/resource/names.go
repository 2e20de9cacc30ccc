package resource

import (
	"regexp"
	"strings"

	"github.com/jinzhu/inflection"

	"example.com/plinth/kit/internal/goname"
)

// Noun is the name of a resource in the singular and the plural, in snake case.
type Noun struct{ Singular, Plural string }

// plural returns the usual plural of a word in snake case.
func plural(word string) string { return inflection.Plural(word) }

// Type returns the name of the Go type, such as PurchaseOrder.
func (n Noun) Type() string { return goname.Of(n.Singular) }

// Types returns the name of many in Go, such as PurchaseOrders.
func (n Noun) Types() string { return goname.Of(n.Plural) }

// Row returns the type of a row, as sqlc names it after the table.
func (n Noun) Row() string { return columnName(sqlcSingular(n.Plural)) }

// Var returns the name of a variable, such as purchaseOrder.
func (n Noun) Var() string { return lowerCamel(n.Type()) }

// Vars returns the name of a variable of many, such as purchaseOrders.
func (n Noun) Vars() string { return lowerCamel(n.Types()) }

// Slug returns the name in paths, such as purchase-orders.
func (n Noun) Slug() string { return strings.ReplaceAll(n.Plural, "_", "-") }

// Words returns the singular in prose, such as purchase order.
func (n Noun) Words() string { return words(n.Singular) }

// ManyWords returns the plural in prose, such as purchase orders.
func (n Noun) ManyWords() string { return words(n.Plural) }

// Title returns the singular at the start of a sentence.
func (n Noun) Title() string { return upperFirst(n.Words()) }

// ManyTitle returns the plural at the start of a sentence.
func (n Noun) ManyTitle() string { return upperFirst(n.ManyWords()) }

// A returns the singular with its article, such as "an invoice".
func (n Noun) A() string { return article(n.Words()) + " " + n.Words() }

// vowelSound are the beginnings of words that take "an", exceptions first.
var vowelSound = regexp.MustCompile(`^(?:(?:uni|use|usa|usu|uti|eu|one\b|once).*|([aeiou]|hour|honor|heir).*)`)

func article(word string) string {
	if match := vowelSound.FindStringSubmatch(word); len(match) > 1 && match[1] != "" {
		return "an"
	}
	return "a"
}

func words(snake string) string { return strings.ReplaceAll(snake, "_", " ") }

func upperFirst(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// lowerCamel writes the first word of a Go name in lower case: URLPath is urlPath.
func lowerCamel(name string) string {
	end := len(name)
	for i := range len(name) {
		if isLower(name[i]) {
			end = max(i-1, 1)
			break
		}
	}
	return strings.ToLower(name[:end]) + name[end:]
}

func isLower(char byte) bool { return char >= 'a' && char <= 'z' || char >= '0' && char <= '9' }

// sqlcInitialisms are those of sqlc.yaml.
const sqlcInitialisms = " id url ip ulid "

// columnName writes a column or a table as sqlc does.
func columnName(snake string) string {
	var name strings.Builder
	for part := range strings.SplitSeq(snake, "_") {
		if strings.Contains(sqlcInitialisms, " "+part+" ") {
			part = strings.ToUpper(part)
		}
		name.WriteString(upperFirst(part))
	}
	return name.String()
}

// sqlcSingular returns the singular of a table as sqlc forms it, with its exceptions.
func sqlcSingular(table string) string {
	switch strings.ToLower(table) {
	case "campus", "meta", "metadata":
		return table
	case "calories":
		return "calorie"
	case "waves":
		return "wave"
	}
	return inflection.Singular(table)
}
