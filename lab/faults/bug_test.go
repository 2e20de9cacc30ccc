//go:build faults

package faults_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// The bugs of buggy-server and how requests trigger them. They exist only in a build overlay, not
// in the repository.
const (
	bugInTransaction = "crash in the transaction" // as the user agent of a login or a registration
	bugInHashing     = "a password to crash hashing with"
	clockOffset      = "FAULTS_CLOCK_OFFSET" // the offset of the service's clock, a duration
)

// bugs are the replacements in the overlay.
var bugs = []struct{ file, old, replacement string }{
	{
		"internal/pgstore/sessions.go",
		"func (s *Store) CreateSession(ctx context.Context, session domain.NewSession) (domain.Session, error) {\n",
		"func (s *Store) CreateSession(ctx context.Context, session domain.NewSession) (domain.Session, error) {\n" +
			"\tif session.Client.UserAgent == " + fmt.Sprintf("%q", bugInTransaction) + " {\n\t\tpanic(\"a bug\")\n\t}\n",
	},
	{
		"kit/auth/password.go",
		"\thash := argon2idHash{params: h.params,",
		"\tif password == " + fmt.Sprintf("%q", bugInHashing) + " {\n\t\tpanic(\"a bug\")\n\t}\n" +
			"\thash := argon2idHash{params: h.params,",
	},
	{"internal/app/app.go", "time.Now", "buggyNow"},
}

const clock = `package app

import (
	"os"
	"time"
)

var clockOffset, _ = time.ParseDuration(os.Getenv("` + clockOffset + `"))

func buggyNow() time.Time { return time.Now().Add(clockOffset) }
`

// writeOverlay writes the overlay for go build -overlay and returns its path.
func writeOverlay(dir string) (string, error) {
	replace := map[string]string{}
	add := func(file, content string) error {
		place, err := filepath.Abs(filepath.Join(root, file))
		if err != nil {
			return err
		}
		replace[place] = filepath.Join(dir, strings.ReplaceAll(file, "/", "-"))
		return os.WriteFile(replace[place], []byte(content), 0o600) //nolint:gosec // G703: names from bugs
	}
	for _, bug := range bugs {
		content, err := os.ReadFile(filepath.Join(root, bug.file))
		if err != nil {
			return "", err
		}
		changed := strings.ReplaceAll(string(content), bug.old, bug.replacement)
		if changed == string(content) {
			return "", fmt.Errorf("%s does not contain %q: update the bugs of the fault suite", bug.file, bug.old)
		}
		if err := add(bug.file, changed); err != nil {
			return "", err
		}
	}
	if err := add("internal/app/buggy_clock.go", clock); err != nil {
		return "", err
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "overlay.json")
	return path, os.WriteFile(path, overlay, 0o600)
}
