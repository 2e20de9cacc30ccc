package migrator

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Migration is one step of the schema: a pair of files, VERSION_name.up.sql and
// VERSION_name.down.sql.
type Migration struct {
	// Version orders the migrations: a time in UTC, YYYYMMDDHHMMSS, or a number of six digits.
	Version int
	Name    string
	// Replaces has the versions of earlier migrations that were squashed into this one, as the file
	// lists them, or "". A schema that has all of them is at this version.
	Replaces string
}

// String returns the name that the two files share.
func (m Migration) String() string { return fmt.Sprintf("%06d_%s", m.Version, m.Name) }

func (m Migration) file(way direction) string {
	if way == wayDown {
		return m.String() + ".down.sql"
	}
	return m.String() + ".up.sql"
}

var (
	migrationFile = regexp.MustCompile(`^(\d{6}|\d{14})_([a-z][a-z0-9_]*)\.(up|down)\.sql$`)
	migrationName = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
)

// replaces begins the first line of an up file into which earlier migrations were squashed.
const replaces = "-- migrate: replaces "

// versions returns the version of m and those that it replaces.
func (m Migration) versions() []int {
	versions := []int{m.Version}
	for word := range strings.FieldsSeq(m.Replaces) {
		if version, err := strconv.Atoi(word); err == nil { // listMigrations has checked it
			versions = append(versions, version)
		}
	}
	return versions
}

// readReplaced returns which migrations m replaces.
func (m Migration) readReplaced(files fs.FS) (string, error) {
	text, err := fs.ReadFile(files, m.file(wayUp))
	if err != nil {
		return "", fmt.Errorf("migration %s: %w", m.file(wayUp), err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	list, found := strings.CutPrefix(strings.TrimSpace(line), replaces)
	if !found {
		return "", nil
	}
	for word := range strings.FieldsSeq(list) {
		if version, err := strconv.Atoi(word); err != nil || version < 1 || version >= m.Version {
			return "", fmt.Errorf("migration %s: %q is not an earlier version, of those that it replaces", m.file(wayUp), word)
		}
	}
	return list, nil
}

// listMigrations returns the migrations at the top of files, in order. It requires pairs, because
// golang-migrate ignores a missing or misnamed file.
func listMigrations(files fs.FS) ([]Migration, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, fmt.Errorf("listing migrations: %w", err)
	}
	var list []Migration
	for _, name := range names {
		parts := migrationFile.FindStringSubmatch(name)
		if parts == nil {
			return nil, fmt.Errorf("migration %s: the name must be like 20060102150405_create_things.up.sql", name)
		}
		version, err := strconv.Atoi(parts[1])
		if err != nil || version == 0 {
			return nil, fmt.Errorf("migration %s: versions start at 000001", name)
		}
		migration := Migration{Version: version, Name: parts[2]}
		for _, way := range []direction{wayUp, wayDown} {
			if !slices.Contains(names, migration.file(way)) {
				return nil, fmt.Errorf("migration %s: there is no %s beside it", name, migration.file(way))
			}
		}
		if parts[3] == "down" {
			continue
		}
		if migration.Replaces, err = migration.readReplaced(files); err != nil {
			return nil, err
		}
		list = append(list, migration)
	}
	return list, inOrder(list)
}

// inOrder sorts list. It fails if two migrations have the same version, which merged branches can
// cause, or if one replaces another.
func inOrder(list []Migration) error {
	slices.SortFunc(list, func(a, b Migration) int { return a.Version - b.Version })
	owners := map[int]Migration{}
	for _, migration := range list {
		for _, version := range migration.versions() {
			switch other, taken := owners[version]; {
			case taken && other == migration:
				return fmt.Errorf("migration %s replaces version %d twice", migration, version)
			case taken && other.Version == migration.Version:
				return fmt.Errorf("migrations %s and %s have the same version: rename the newer one", other, migration)
			case taken:
				return fmt.Errorf("migration %s replaces version %d, which %s has, too", migration, version, other)
			}
			owners[version] = migration
		}
	}
	return nil
}

// newest returns the version of the last migration, 0 if there is none.
func newest(list []Migration) int {
	if len(list) == 0 {
		return 0
	}
	return list[len(list)-1].Version
}

// ErrName means that the name of a migration is invalid.
var ErrName = errors.New("the name of a migration is lower snake case, like add_phone_to_users, " +
	"of at most 60 characters")

const (
	upHeader = `-- Why: one line on why this migration exists.
--
-- The release before runs on the new schema, during the roll-out and after a roll-back: add now, and
-- remove a release later.
-- The file runs in one transaction, together with the note of its version: no BEGIN or COMMIT. Only a statement that
-- PostgreSQL refuses there, such as CREATE INDEX CONCURRENTLY, goes without: alone in a file that begins with the line
` + noTransaction + `

`
	downHeader = "-- Undoes %s, in reverse order.\n\n"
)

// Create writes the pair of files of a new migration into dir and returns their paths. The version
// is now in UTC, or the newest version in dir plus one if that is later. It fails with [ErrName].
func Create(dir, name string, now time.Time) ([]string, error) {
	if len(name) > 60 || !migrationName.MatchString(name) {
		return nil, ErrName
	}
	if _, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("creating a migration: %w", err)
	}
	list, err := listMigrations(os.DirFS(dir))
	if err != nil {
		return nil, err
	}
	version, err := strconv.Atoi(now.UTC().Format("20060102150405"))
	if err != nil {
		return nil, fmt.Errorf("creating a migration: %w", err)
	}
	migration := Migration{Version: max(version, newest(list)+1), Name: name}
	var paths []string
	for _, file := range []struct{ name, text string }{
		{migration.file(wayUp), upHeader},
		{migration.file(wayDown), fmt.Sprintf(downHeader, migration.file(wayUp))},
	} {
		path := filepath.Join(dir, file.name)
		if err := writeNew(path, file.text); err != nil {
			return nil, fmt.Errorf("creating a migration: %w", err)
		}
		paths = append(paths, path)
	}
	return paths, nil
}

// writeNew writes a source file, which must not exist.
func writeNew(path, text string) error {
	const flags = os.O_WRONLY | os.O_CREATE | os.O_EXCL
	file, err := os.OpenFile(path, flags, 0o644) //nolint:gosec // G302, G304: a source file
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Close())
}
