package contracttest

import (
	"fmt"
	"regexp"
	"strconv"
)

var (
	// problemRow is a row of the table of problem codes: | `code` | status | meaning |.
	problemRow = regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| (\\d{3}) \\|")
	// fieldRow is a row of the table of field codes: | `code`, `code` | meaning |.
	fieldRow  = regexp.MustCompile("(?m)^\\| ((?:`[a-z_]+`(?:, )?)+) \\| [^|]*\\|$")
	quotation = regexp.MustCompile("`([a-z_]+)`")
)

// problemTable reads which status each problem code has.
func problemTable(introduction string) (map[string]int, error) {
	table := map[string]int{}
	for _, row := range problemRow.FindAllStringSubmatch(introduction, -1) {
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

// fieldCodeTable reads the codes of the entries of `errors`.
func fieldCodeTable(introduction string) map[string]bool {
	codes := map[string]bool{}
	for _, row := range fieldRow.FindAllStringSubmatch(introduction, -1) {
		for _, code := range quotation.FindAllStringSubmatch(row[1], -1) {
			codes[code[1]] = true
		}
	}
	return codes
}
