// Command numbers measures the size of a copy of this repository and prints a table with targets.
// It makes the copies with make new, so it works on earlier versions too.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := flag.String("root", ".", "the folder of the repository")
	flag.Parse()
	if err := run(ctx, *root, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "numbers:", err)
		os.Exit(1) //nolint:gocritic // stop is not needed
	}
}

// row is a number with its target.
type row struct {
	name          string
	value, atMost int
}

func run(ctx context.Context, root string, out io.Writer) error {
	dir, err := os.MkdirTemp("", "numbers-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // best effort
	if root, err = filepath.Abs(root); err != nil {
		return err
	}
	rows, err := measure(ctx, root, dir)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "now\ttarget\t\t")
	for _, row := range rows {
		met := ""
		if row.value > row.atMost {
			met = " (missed)"
		}
		fmt.Fprintf(table, "%d\t≤ %d\t  %s%s\n", row.value, row.atMost, row.name, met)
	}
	return table.Flush()
}

func measure(ctx context.Context, root, dir string) ([]row, error) {
	everything, err := newCopy(ctx, root, filepath.Join(dir, "everything"), nil)
	if err != nil {
		return nil, err
	}
	rows := []row{
		{"files of a copy with everything, without kit/", everything.files, 330},
		{"lines of product Go of a copy, without kit/ and gen/", everything.product, 6500},
		{"lines of test Go of a copy, without kit/", everything.test, 9000},
		{"Go files in internal/httpapi", everything.httpapi, 20},
		{"central places to edit for a new resource", len(places()), 6},
	}
	if len(everything.slices) == 0 {
		return rows, nil // an earlier version
	}
	minimal, err := newCopy(ctx, root, filepath.Join(dir, "minimal"), everything.slices)
	if err != nil {
		return nil, err
	}
	return slices.Insert(rows, 1, row{"files of a copy without all slices, without kit/", minimal.files, 190}), nil
}

// size contains the measurements of a copy.
type size struct {
	slices                        []string // that it has
	files, product, test, httpapi int
}

// newCopy makes a copy and measures it.
func newCopy(ctx context.Context, root, dir string, without []string) (size, error) {
	args := []string{"--no-print-directory", "-C", root, "new", "DIR=" + dir, "MODULE=github.com/acme/orders", "GIT=no"}
	if len(without) > 0 {
		args = append(args, "WITHOUT="+strings.Join(without, ","))
	}
	if out, err := exec.CommandContext(ctx, "make", args...).CombinedOutput(); err != nil { //nolint:gosec // G204: fixed arguments
		return size{}, fmt.Errorf("make new: %w\n%s", err, out)
	}
	return measureCopy(os.DirFS(dir))
}

func measureCopy(dir fs.FS) (size, error) {
	var s size
	err := fs.WalkDir(dir, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name == "kit", name == ".git":
			return fs.SkipDir
		case entry.IsDir():
			return nil
		case name == ".scaffold.json":
			err = s.readSlices(dir, name)
		case path.Ext(name) == ".go":
			err = s.addGo(dir, name)
		}
		s.files++
		return err
	})
	return s, err
}

// readSlices reads the slices of a copy from the record of its origin.
func (s *size) readSlices(dir fs.FS, name string) error {
	text, err := fs.ReadFile(dir, name)
	if err != nil {
		return err
	}
	var record struct {
		Slices map[string]bool `json:"slices"`
	}
	if err := json.Unmarshal(text, &record); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	for slice, has := range record.Slices {
		if has {
			s.slices = append(s.slices, slice)
		}
	}
	slices.Sort(s.slices)
	return nil
}

func (s *size) addGo(dir fs.FS, name string) error {
	text, err := fs.ReadFile(dir, name)
	lines := bytes.Count(text, []byte("\n"))
	switch {
	case strings.HasSuffix(name, "_test.go"):
		s.test += lines
	case !strings.HasPrefix(name, "gen/"):
		s.product += lines
	}
	if path.Dir(name) == "internal/httpapi" {
		s.httpapi++
	}
	return err
}
