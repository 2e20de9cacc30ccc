package testdb

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"

	"example.com/plinth/db"
	"example.com/plinth/internal/pgstore"
)

// templateLock is the advisory lock under which templates are built, arbitrary but
// fixed: test binaries of several checkouts may share a server.
const templateLock = 7_305_808_877_115_092

// unfinished ends the name of a template that is being built.
const unfinished = "_unfinished"

// templateName names the template after the migrations that it holds.
func templateName() (string, error) {
	hash := sha256.New()
	err := fs.WalkDir(db.Migrations, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(db.Migrations, path)
		if err != nil {
			return err
		}
		fmt.Fprintf(hash, "%s %d\n%s", path, len(content), content) // never fails on a hash
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("reading the migrations: %w", err)
	}
	return templatePrefix + hex.EncodeToString(hash.Sum(nil)[:8]), nil
}

// migratedTemplate returns the name of a database with all migrations applied,
// having built it unless somebody did.
func (s *server) migratedTemplate(ctx context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.template != "" {
		return s.template, nil
	}
	name, err := templateName()
	if err != nil {
		return "", err
	}
	conn, err := s.admin.Acquire(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(templateLock)); err != nil {
		return "", err
	}
	// A lost connection gives up the lock as well, so the error does not matter.
	defer conn.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", int64(templateLock)) //nolint:errcheck // see above

	if err := s.buildTemplate(ctx, conn.Conn(), name); err != nil {
		return "", err
	}
	s.template = name
	return name, nil
}

// buildTemplate makes the template under another name and renames it, so that one
// with this name is always whole, and never has a connection that keeps others
// from cloning it. One that was made with another version of the system's collation
// library is made anew, because PostgreSQL refuses to clone it; template0 has no
// such version.
func (s *server) buildTemplate(ctx context.Context, conn *pgx.Conn, name string) error {
	var usable bool
	err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1
		AND datcollversion IS NOT DISTINCT FROM pg_database_collation_actual_version(oid))`, name).Scan(&usable)
	if err != nil || usable {
		return err
	}
	building := name + unfinished
	if err := errors.Join(s.drop(ctx, building), s.drop(ctx, name)); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+quote(building)+" TEMPLATE template0"); err != nil {
		return err
	}
	if err := pgstore.Migrate(ctx, s.url(building)); err != nil {
		return err
	}
	for _, statement := range []string{
		"ALTER DATABASE " + quote(building) + " WITH ALLOW_CONNECTIONS false",
		"ALTER DATABASE " + quote(building) + " RENAME TO " + quote(name),
	} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}
