package contracttest

import (
	"flag"
	"fmt"
	"io"
	"os"
)

// Scope says how much of the contract the tests of a package exercise.
type Scope int

const (
	// Part is for packages that exercise some of it: their share counts where records are merged.
	Part Scope = iota
	// Whole is for a package that exercises all of it, and fails when it does not.
	Whole
)

// folderVariable names the folder for the records of test binaries.
const folderVariable = "CONTRACT_COVERAGE_DIR"

// Main runs the tests of a package whose tests use [NewTransport], and accounts for the coverage of the contract:
//
//	func TestMain(m *testing.M) { os.Exit(contracttest.Main(m, contracttest.Whole)) }
//
// It returns the exit code.
func Main(m interface{ Run() int }, scope Scope) int {
	if code := m.Run(); code != 0 || !fullRun(flag.CommandLine) {
		return code
	}
	dir := os.Getenv(folderVariable) //nolint:forbidigo // tests have no config.Config
	if err := account(exercised, scope, dir, os.Stdout); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "contracttest:", err)
		return 1
	}
	return 0
}

// account leaves the record in dir if there is one, and judges a whole by itself otherwise.
func account(r *record, scope Scope, dir string, w io.Writer) error {
	c, err := published()
	if err != nil {
		return fmt.Errorf("the contract: %w", err)
	}
	switch {
	case dir != "":
		return r.save(dir, c)
	case scope == Whole:
		return c.report(r, w)
	}
	return nil
}

// fullRun reports whether the flags of the test binary let all tests run.
func fullRun(flags *flag.FlagSet) bool {
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
