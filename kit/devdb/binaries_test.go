//go:build linux || darwin

package devdb_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/plinth/kit/devdb"
)

func TestMissingServerIsExplained(t *testing.T) {
	t.Parallel()
	old := folder(t)
	must(t, os.Mkdir(old, 0o755)) //nolint:gosec // the server may run as another user
	for _, name := range []string{"postgres", "initdb"} {
		script := []byte("#!/bin/sh\necho 'postgres (PostgreSQL) 14.1'\n")
		must(t, os.WriteFile(filepath.Join(old, name), script, 0o755)) //nolint:gosec // it is a program
	}
	tests := map[string]struct{ binDir, says string }{
		"nothing there": {folder(t), "no such file"},
		"too old":       {old, "PostgreSQL 14"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := devdb.Start(t.Context(), devdb.Options{Dir: folder(t), BinDir: tt.binDir})
			if !errors.Is(err, devdb.ErrNoServer) {
				t.Fatalf("got %v, want ErrNoServer", err)
			}
			for _, part := range []string{tt.says, "install PostgreSQL 15", "POSTGRES_BIN", "fetched", "DATABASE_URL"} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not mention %q", err, part)
				}
			}
		})
	}
}

// Some distributions package the extensions apart from the server.
func TestInstalledServersWithoutExtensionsAreNotUsed(t *testing.T) {
	t.Parallel()
	complete, bare := t.TempDir(), t.TempDir()
	must(t, os.Mkdir(filepath.Join(complete, "extension"), 0o750))
	must(t, os.WriteFile(filepath.Join(complete, "extension", "pg_trgm.control"), nil, 0o600))
	for shown, want := range map[string]bool{
		"share_path=" + complete: true, "share_path=" + bare: false,
		"no such option": false,
	} {
		dir := folder(t)
		must(t, os.Mkdir(dir, 0o755)) //nolint:gosec // the server may run as another user
		for name, line := range map[string]string{"postgres": "postgres (PostgreSQL) 15.1", "initdb": shown} {
			script := "#!/bin/sh\necho '" + line + "' >&2\necho '" + line + "'\n"
			must(t, os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755)) //nolint:gosec // it is a program
		}
		if got := devdb.IsUsable(t.Context(), dir, "pg_trgm"); got != want {
			t.Errorf("%s: usable: %t, want %t", shown, got, want)
		}
	}
}

func TestChoiceAmongInstalledServers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		installed []int
		major     int
		want      int
	}{
		{"new cluster takes the newest", []int{15, 18, 17}, 0, 18},
		{"old cluster takes its own", []int{15, 18, 17}, 15, 15},
		{"old cluster without its own", []int{16, 18, 17}, 15, 18},
		{"nothing installed", nil, 15, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := devdb.Choose(tt.installed, tt.major); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}

func TestFolderThatTheServerCannotEnterIsReplaced(t *testing.T) {
	t.Parallel()
	const stranger = 4_000_000 // an id that owns nothing
	open := folder(t)
	closed := filepath.Join(t.TempDir(), "closed")
	must(t, os.Mkdir(closed, 0o700))
	checkout := filepath.Join(closed, "orders", ".data", "postgres")

	if !devdb.CanEnter(stranger, stranger, open) {
		t.Error("a passable folder is rejected")
	}
	if devdb.CanEnter(stranger, stranger, checkout) {
		t.Error("a closed parent is not noticed")
	}
	if !devdb.CanEnter(uint32(os.Getuid()), stranger, checkout) { //nolint:gosec // ids are not negative here
		t.Error("the owner of a closed folder is rejected")
	}
	home, err := devdb.Home(stranger, stranger, checkout)
	must(t, err)
	if !strings.HasSuffix(home, "/plinth"+checkout) {
		t.Errorf("the cluster of %s goes to %s", checkout, home)
	}
	home, err = devdb.Home(stranger, stranger, open)
	must(t, err)
	if home != open {
		t.Errorf("the cluster of %s goes to %s", open, home)
	}
}
