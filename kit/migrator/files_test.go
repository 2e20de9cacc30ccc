package migrator_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/plinth/kit/migrator"
)

func TestFilesMustBeInOrder(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		files []string
		want  string
	}{
		"no down file": {[]string{"000001_a.up.sql"}, "there is no 000001_a.down.sql"},
		"no up file":   {[]string{"000001_a.down.sql"}, "there is no 000001_a.up.sql"},
		"another name": {[]string{"1_a.up.sql", "1_a.down.sql"}, "must be like"},
		"seven digits": {[]string{"0000001_a.up.sql", "0000001_a.down.sql"}, "must be like"},
		"version 0":    {[]string{"000000_a.up.sql", "000000_a.down.sql"}, "start at 000001"},
		"the same version": {
			[]string{"000001_a.up.sql", "000001_a.down.sql", "000001_b.up.sql", "000001_b.down.sql"},
			"000001_a and 000001_b",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := fstest.MapFS{}
			for _, file := range tc.files {
				files[file] = &fstest.MapFile{}
			}
			_, err := migrator.New("postgres://localhost/x", files, migrator.Options{})
			wantText(t, err, tc.want)
		})
	}
}

func TestReplacedVersionsMustBeEarlierOnes(t *testing.T) {
	t.Parallel()
	for list, want := range map[string]string{
		"000001 000003": `"000003" is not an earlier version`,
		"000004":        `"000004" is not an earlier version`,
		"000000":        `"000000" is not an earlier version`,
		"1 to 2":        `"to" is not an earlier version`,
		"000001 000001": "000003_step replaces version 1 twice",
		"000002":        "000003_step replaces version 2, which 000002_step has",
	} {
		files := fstest.MapFS{}
		for _, version := range []int{2, 3} {
			for _, way := range []string{"up", "down"} {
				files[fmt.Sprintf("%06d_step.%s.sql", version, way)] = &fstest.MapFile{}
			}
		}
		files["000003_step.up.sql"].Data = []byte("-- migrate: replaces " + list + "\nSELECT 1")
		_, err := migrator.New("postgres://localhost/x", files, migrator.Options{})
		wantText(t, err, want)
	}
}

func TestCreate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	now := time.Date(2026, 11, 29, 23, 59, 8, 0, time.FixedZone("", -3600)) // the next day in UTC
	for i, name := range []string{"create_things", "add_size_2_to_things"} {
		paths, err := migrator.Create(dir, name, now)
		if err != nil {
			t.Fatal(err)
		}
		base := filepath.Join(dir, fmt.Sprintf("%d_%s", 20261130005908+i, name))
		if diff := cmp.Diff([]string{base + ".up.sql", base + ".down.sql"}, paths); diff != "" {
			t.Errorf("paths (-want +got):\n%s", diff)
		}
		for _, path := range paths {
			text, err := fs.ReadFile(os.DirFS(dir), filepath.Base(path))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(string(text), "-- ") {
				t.Errorf("%s begins with %q", path, text)
			}
		}
	}
	// The files can run.
	m := newMigrator(t, databases.EmptyURL(t), os.DirFS(dir), migrator.Options{})
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantVersion(t, m, 20261130005909, false)
}

func TestCreateRejectsNames(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{
		"", "Create", "create-things", "create things", "1st", "_a", "a_", "a__b", "a/b",
		"../a", "ä", strings.Repeat("a", 61),
	} {
		if _, err := migrator.Create(dir, name, time.Now()); !errors.Is(err, migrator.ErrName) {
			t.Errorf("%q: %v, want ErrName", name, err)
		}
	}
	if _, err := migrator.Create(filepath.Join(dir, "nowhere"), "a", time.Now()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without the folder: %v", err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("wrote %v, %v", entries, err)
	}
}
