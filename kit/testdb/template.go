package testdb

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
)

// templateLock is the advisory lock for building templates. Its number is arbitrary, but the same
// for all projects and releases, because their test binaries may share a server.
const templateLock = 7_305_808_877_115_092

// unfinished is the suffix of a template that is being built.
const unfinished = "_unfinished"

// templateName names the template after a digest of its migrations. Without migrations it is empty.
func (s *server) templateName() (string, error) {
	if s.options.Migrate == nil {
		return "", nil
	}
	hash := sha256.New()
	err := fs.WalkDir(s.options.Migrations, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(s.options.Migrations, path)
		if err != nil {
			return err
		}
		fmt.Fprintf(hash, "%s %d\n%s", path, len(content), content) // never fails on a hash
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("reading the migrations: %w", err)
	}
	return s.templatePrefix() + hex.EncodeToString(hash.Sum(nil)[:8]), nil
}

// migratedTemplate returns the name of a database with all migrations applied. It builds the
// database unless it exists.
func (s *server) migratedTemplate(ctx context.Context) (string, error) {
	if s.options.Migrate == nil {
		return "", errNoMigrations
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.template != "" {
		return s.template, nil
	}
	name, err := s.templateName()
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
	defer func() { // a lost connection releases the lock as well, so the error does not matter
		_, _ = conn.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", int64(templateLock))
	}()

	if err := s.buildTemplate(ctx, conn.Conn(), name); err != nil {
		return "", err
	}
	s.template = name
	return name, nil
}

// buildTemplate builds the template under another name and renames it: a database with the final
// name is complete and has no connection, which would prevent cloning. PostgreSQL refuses to clone
// a database from another version of the system's collation library, so such a template is
// rebuilt, from template0, which records no version.
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
	if err := s.options.Migrate(ctx, s.url(building)); err != nil {
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
