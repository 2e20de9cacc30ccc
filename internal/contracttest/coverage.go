package contracttest

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
)

// exercised is what this test binary has seen. It is a variable of the package because the tests of a binary have
// nothing else in common.
var exercised = newRecord()

// record holds which statuses of which operations were seen. It is safe for concurrent use.
type record struct {
	mu      sync.Mutex
	answers map[string][]int
}

func newRecord() *record {
	return &record{answers: map[string][]int{}}
}

func (r *record) add(operation string, statuses ...int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, status := range statuses {
		if !slices.Contains(r.answers[operation], status) {
			r.answers[operation] = append(r.answers[operation], status)
		}
	}
}

func (r *record) has(operation string, status int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Contains(r.answers[operation], status)
}

// recordFile is a record as one test binary leaves it for the others.
type recordFile struct {
	Contract string           `json:"contract"`
	Answers  map[string][]int `json:"answers"`
}

// save writes the record to a file in dir that is named after this test binary and replaces its earlier one.
func (r *record) save(dir string, c *contract) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	text, err := json.MarshalIndent(recordFile{Contract: c.sum, Answers: r.answers}, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the contract coverage: %w", err)
	}
	name := filepath.Join(dir, binaryName()+recordSuffix)
	if err := os.WriteFile(name, text, 0o600); err != nil { //nolint:gosec // the folder is the caller's choice
		return fmt.Errorf("saving the contract coverage: %w", err)
	}
	return nil
}

const recordSuffix = ".contract.json"

// binaryName is the import path of the tested package, as a file name.
func binaryName() string {
	name := filepath.Base(os.Args[0])
	if info, ok := debug.ReadBuildInfo(); ok && info.Path != "" {
		name = info.Path
	}
	return strings.ReplaceAll(name, "/", "_")
}

// merge reads the records that test binaries left in dir.
func merge(dir string, c *contract) (*record, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*"+recordSuffix))
	if err != nil {
		return nil, fmt.Errorf("looking for records: %w", err)
	}
	if len(names) == 0 {
		return nil, errors.New("no test binary left a record; was this a full run?")
	}
	all := newRecord()
	for _, name := range names {
		text, err := os.ReadFile(name) //nolint:gosec // the folder is the caller's choice
		if err != nil {
			return nil, fmt.Errorf("reading a record: %w", err)
		}
		var file recordFile
		if err := json.Unmarshal(text, &file); err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
		if file.Contract != c.sum {
			return nil, fmt.Errorf("%s was made with another contract; empty the folder and run the tests again", name)
		}
		for operation, statuses := range file.Answers {
			all.add(operation, statuses...)
		}
	}
	return all, nil
}
