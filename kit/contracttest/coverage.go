package contracttest

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/tabwriter"
)

// Main runs the tests of a package and returns the exit code of the test binary. A run that passes
// still fails if the transports of the contract have not seen each documented status of each
// operation, `default` aside:
//
//	func TestMain(m *testing.M) { os.Exit(contract.Main(m)) }
//
// Runs narrowed by -run, -skip, -short, -list or -fuzz are not judged.
func (c *Contract) Main(m interface{ Run() int }) int {
	if code := m.Run(); code != 0 || !isFullRun(flag.CommandLine) {
		return code
	}
	if err := c.Report(os.Stdout); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "contracttest:", err)
		return 1
	}
	return 0
}

// isFullRun reports whether the flags of the test binary select all tests.
func isFullRun(flags *flag.FlagSet) bool {
	unset := map[string]string{
		"test.run": "", "test.skip": "", "test.list": "", "test.fuzz": "", "test.short": "false",
	}
	for name, want := range unset {
		if f := flags.Lookup(name); f != nil && f.Value.String() != want {
			return false
		}
	}
	return true
}

// ErrIncomplete means that some documented status was not seen.
var ErrIncomplete = errors.New("the tests do not exercise the whole contract")

// Report prints a table of operations and statuses to w. It returns [ErrIncomplete] after listing
// the statuses that the transports have not seen.
func (c *Contract) Report(w io.Writer) error {
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
				if !c.seen.has(op.ID, status) {
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

// columns returns the statuses that some operation documents by number.
func (c *Contract) columns() []string {
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

// exact returns a status that the operation documents by number.
func (op Operation) exact(status string) (int, bool) {
	number, err := strconv.Atoi(status)
	return number, err == nil && op.spec.Responses.Value(status) != nil
}

// record holds the statuses that were seen, by operation. It is safe for concurrent use.
type record struct {
	mu       sync.Mutex
	statuses map[string][]int
}

func (r *record) add(operation string, status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Contains(r.statuses[operation], status) {
		r.statuses[operation] = append(r.statuses[operation], status)
	}
}

func (r *record) has(operation string, status int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Contains(r.statuses[operation], status)
}
