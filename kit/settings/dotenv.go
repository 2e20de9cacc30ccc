package settings

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"unicode/utf8"

	"github.com/joho/godotenv"
)

// readDotEnv returns the variables of the file at path, none if there is no file. A malformed file
// is an [*Error] that names the line.
func readDotEnv(path string) (map[string]string, error) {
	text, err := os.ReadFile(path) //nolint:gosec // G304: the program names the file
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]string{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading settings: %w", err)
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // the byte order mark of editors for Windows
	if !utf8.Valid(text) {
		return nil, &Error{Problems: []Problem{{Name: path, Detail: "must be in UTF-8: save it in that encoding"}}}
	}
	if vars, ok := parseDotEnv(text); ok {
		return vars, nil
	}
	return nil, &Error{Problems: []Problem{{
		Name: path + " line " + strconv.Itoa(badLine(text)),
		Detail: "must be NAME=value, with NAME made of letters, digits and _; " +
			"quote a value that holds #, $ or spaces with ' and close the quote",
	}}}
}

// parseDotEnv reports whether text is well-formed. It drops godotenv's error, which quotes the
// file, and refuses what godotenv lets through: a last line without "=", names with spaces.
func parseDotEnv(text []byte) (vars map[string]string, ok bool) {
	vars, err := godotenv.UnmarshalBytes(text)
	if err != nil {
		return nil, false
	}
	name := regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	for n := range vars {
		if !name.MatchString(n) {
			return nil, false
		}
	}
	return vars, true
}

// badLine returns the number of the line at which the first malformed entry of text starts, which
// godotenv does not report: the one after the longest well-formed beginning. A shorter beginning may
// end within an entry of several lines.
func badLine(text []byte) int {
	lines := bytes.SplitAfter(text, []byte("\n"))
	for n := len(lines) - 1; n > 0; n-- {
		if _, ok := parseDotEnv(bytes.Join(lines[:n], nil)); ok {
			return n + 1
		}
	}
	return 1
}
