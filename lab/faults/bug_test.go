//go:build faults

package faults_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// What the buggy server does on request. Nothing of it is in the code of the repository: the compiler is shown other files.
const (
	bugInTransaction = "crash in the transaction" // as the user agent of a login or a registration
	bugInHashing     = "a password to crash hashing with"
	clockOffset      = "FAULTS_CLOCK_OFFSET" // a duration by which the clock of the service is off
)

// bugs are what the compiler is shown in place of what is there.
var bugs = []struct{ file, there, instead string }{
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

// withABug writes an overlay for go build -overlay, and returns its path.
func withABug(dir string) (string, error) {
	replace := map[string]string{}
	show := func(file, content string) error {
		place, err := filepath.Abs(filepath.Join(root, file))
		if err != nil {
			return err
		}
		replace[place] = filepath.Join(dir, strings.ReplaceAll(file, "/", "-"))
		return os.WriteFile(replace[place], []byte(content), 0o600) //nolint:gosec // G703: the names are those of bugs
	}
	for _, bug := range bugs {
		content, err := os.ReadFile(filepath.Join(root, bug.file))
		if err != nil {
			return "", err
		}
		changed := strings.ReplaceAll(string(content), bug.there, bug.instead)
		if changed == string(content) {
			return "", fmt.Errorf("%s does not hold %q: put the bug of the fault suite elsewhere", bug.file, bug.there)
		}
		if err := show(bug.file, changed); err != nil {
			return "", err
		}
	}
	if err := show("internal/app/buggy_clock.go", clock); err != nil {
		return "", err
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "overlay.json")
	return path, os.WriteFile(path, overlay, 0o600)
}
