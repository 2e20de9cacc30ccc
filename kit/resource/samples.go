package resource

import (
	"fmt"
	"strconv"
	"strings"
)

// sample returns the example of a field, as text.
func sample(f Field) string {
	switch f.Kind {
	case kindInt32, kindInt64:
		return strconv.FormatInt(clamp(7, f), 10)
	case kindDecimal:
		return decimal("12", f)
	case kindText:
		return fit("First line\nSecond line", f)
	}
	return fit(upperFirst(article(f.Words()))+" "+f.Words(), f)
}

// fit makes a text as long as the bounds of a field demand.
func fit(text string, f Field) string {
	for int64(len(text)) < f.Min {
		text += "."
	}
	return strings.TrimRight(text[:min(int64(len(text)), f.Max)], " ")
}

// clamp returns the value within the bounds of an integer that is next to n.
func clamp(n int64, f Field) int64 {
	if !f.Bounded {
		return n
	}
	return min(max(n, f.Min), f.Max)
}

// decimal returns a number with the integer part, as far as the precision allows, and all decimals.
func decimal(whole string, f Field) string {
	if digits := f.Min - f.Max; int64(len(whole)) > digits {
		whole = whole[:max(digits, 1)]
		if digits == 0 {
			whole = "0"
		}
	}
	if f.Max == 0 {
		return whole
	}
	return whole + "." + "5" + strings.Repeat("0", int(f.Max)-1)
}

// decimalPattern matches the decimals that fit the precision and the scale of a field.
func decimalPattern(f Field) string {
	whole := "0"
	switch digits := f.Min - f.Max; {
	case digits == 1:
		whole = "[0-9]"
	case digits > 1:
		whole = fmt.Sprintf("(?:0|[1-9][0-9]{0,%d})", digits-1)
	}
	if f.Max == 0 {
		return "^-?" + whole + "$"
	}
	return fmt.Sprintf(`^-?%s(?:\.[0-9]{1,%d})?$`, whole, f.Max)
}

// sampleItems returns the example of a list.
func sampleItems(f Field) []string {
	var items []string
	for i := range max(min(2, f.Max), f.Min) {
		items = append(items, fmt.Sprintf("item-%d", i+1))
	}
	return items
}

// ExampleJSON returns the example of the field in the contract, in YAML; other is another one.
func (f Field) ExampleJSON(other bool) string {
	json := f.kind().test.json(f, other)
	if text, err := strconv.Unquote(json); err == nil && f.kind().goType == "string" {
		return yamlText(text)
	}
	return json
}
