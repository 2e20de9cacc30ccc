// Package record reads and writes .scaffold.json, in which a copy keeps where it came from and what it has.
package record

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"example.com/plinth/tools/scaffold/internal/slice"
)

// File is the name of the file, in the root of the copy.
const File = ".scaffold.json"

// Record says where a copy came from.
type Record struct {
	// Source is the URL of the starter's repository; empty if it had none.
	Source string `json:"source"`
	// Commit is the revision of the starter that the copy is made of; empty if it was in no repository.
	Commit string `json:"commit"`
	Module string `json:"module"`
	Name   string `json:"name"`
	// Slices tells which slices the copy has.
	Slices map[string]bool `json:"slices"`
	// Kit is the digest of kit/, or [Ejected].
	Kit string `json:"kit"`
}

// Ejected is the value of Record.Kit once the files of kit/ are the copy's own.
const Ejected = "ejected"

// Eject makes kit/ of the copy in dir its own.
func Eject(dir string) error {
	r, err := Read(dir)
	if err != nil {
		return err
	}
	r.Kit = Ejected
	content, err := r.Encode()
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, File), content, 0o644) //nolint:gosec // G306: an ordinary file of the project
}

// SlicesOf returns the value for Record.Slices.
func SlicesOf(choice slice.Choice) map[string]bool {
	has := map[string]bool{}
	for _, name := range slice.Names() {
		has[name] = choice.Has(name)
	}
	return has
}

// Without returns the slices that the copy lacks, those that this version does not know left out.
func (r Record) Without() []string {
	var without []string
	for _, name := range slice.Names() {
		if has, told := r.Slices[name]; told && !has {
			without = append(without, name)
		}
	}
	return without
}

// Encode returns the content of the file.
func (r Record) Encode() ([]byte, error) {
	content, err := json.MarshalIndent(r, "", "  ")
	return append(content, '\n'), err
}

// Read returns the record of the copy in dir. It fails if dir has none, or one that does not say enough for an update.
func Read(dir string) (Record, error) {
	content, err := os.ReadFile(filepath.Join(dir, File)) //nolint:gosec // G304: the user's own project
	if errors.Is(err, fs.ErrNotExist) {
		return Record{}, fmt.Errorf("%s has no %s: it was not made by make new", dir, File)
	}
	if err != nil {
		return Record{}, err
	}
	var r Record
	decoder := json.NewDecoder(bytes.NewReader(content))
	if err := decoder.Decode(&r); err != nil {
		return Record{}, fmt.Errorf("reading %s: %w", File, err)
	}
	if missing := cmp.Or(lacks(r.Commit, "commit"), lacks(r.Module, "module"), lacks(r.Name, "name")); missing != "" {
		return Record{}, fmt.Errorf("%s has no %s", File, missing)
	}
	return r, nil
}

func lacks(value, name string) string {
	if value == "" {
		return name
	}
	return ""
}
