package contracttest

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// ErrIncomplete says that documented statuses were not exercised.
var ErrIncomplete = errors.New("the tests do not exercise the whole contract")

// Judge merges the records that test binaries left in dir, prints the coverage of the contract to w, and returns
// [ErrIncomplete] unless each documented status of each operation was exercised, `default` aside.
func Judge(dir string, w io.Writer) error {
	c, err := published()
	if err != nil {
		return fmt.Errorf("the contract: %w", err)
	}
	r, err := merge(dir, c)
	if err != nil {
		return err
	}
	return c.report(r, w)
}

// report prints a table of operations by statuses and lists what is missing.
func (c *contract) report(r *record, w io.Writer) error {
	columns := c.columns()
	var missing []string
	total := 0
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintf(table, "operation\t%s\n", strings.Join(columns, "\t"))
	for _, op := range c.operations {
		row := []string{op.ID}
		for _, column := range columns {
			cell := ""
			if status, documented := op.exact(column); documented {
				total++
				cell = "ok"
				if !r.has(op.ID, status) {
					cell = "--"
					missing = append(missing, fmt.Sprintf("  %s: %d", op, status))
				}
			}
			row = append(row, cell)
		}
		_, _ = fmt.Fprintln(table, strings.Join(row, "\t"))
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("printing the contract coverage: %w", err)
	}
	_, _ = fmt.Fprintf(w, "contract coverage: %d of %d documented statuses exercised\n", total-len(missing), total)
	if len(missing) == 0 {
		return nil
	}
	_, _ = fmt.Fprintf(w, "missing:\n%s\n", strings.Join(missing, "\n"))
	return ErrIncomplete
}

// columns are all statuses that some operation documents exactly.
func (c *contract) columns() []string {
	var all []string
	for _, op := range c.operations {
		for _, status := range op.statuses() {
			if _, ok := op.exact(status); ok {
				all = append(all, status)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// exact returns a status that the operation documents by its number.
func (op Operation) exact(status string) (int, bool) {
	number, err := strconv.Atoi(status)
	return number, err == nil && op.spec.Responses.Value(status) != nil
}
