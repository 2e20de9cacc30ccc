package contracttest

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

var (
	// problemRow is a row of the table of problem codes: | `code` | status | meaning |.
	problemRow = regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| (\\d{3}) \\|")
	// fieldRow is a row of the table of field codes: | `code`, `code` | meaning |.
	fieldRow  = regexp.MustCompile("(?m)^\\| ((?:`[a-z_]+`(?:, )?)+) \\| [^|]*\\|$")
	quotation = regexp.MustCompile("`([a-z_]+)`")
)

// guide returns the texts that may hold tables: the introduction and the descriptions of the tags.
func guide(doc *openapi3.T) string {
	var text strings.Builder
	text.WriteString(doc.Info.Description + "\n")
	for _, tag := range doc.Tags {
		text.WriteString(tag.Description + "\n")
	}
	return text.String()
}

// problemTable returns the status of each problem code.
func problemTable(guide string) (map[string]int, error) {
	table := map[string]int{}
	for _, row := range problemRow.FindAllStringSubmatch(guide, -1) {
		code := row[1]
		if _, twice := table[code]; twice {
			return nil, fmt.Errorf("the table of codes has %s twice", code)
		}
		status, err := strconv.Atoi(row[2])
		if err != nil {
			return nil, fmt.Errorf("the table of codes: %w", err)
		}
		table[code] = status
	}
	return table, nil
}

// fieldCodeTable returns the codes of the entries of `errors`.
func fieldCodeTable(guide string) map[string]bool {
	codes := map[string]bool{}
	for _, row := range fieldRow.FindAllStringSubmatch(guide, -1) {
		for _, code := range quotation.FindAllStringSubmatch(row[1], -1) {
			codes[code[1]] = true
		}
	}
	return codes
}
