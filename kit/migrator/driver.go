package migrator

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/golang-migrate/migrate/v4"
	"github.com/golang-migrate/migrate/v4/database"
)

// noTransaction is the first line of a migration file whose statement PostgreSQL refuses inside a
// transaction.
const noTransaction = "-- migrate: no transaction"

// direction is that of a step.
type direction int

const (
	wayUp   direction = 1
	wayDown direction = -1
)

// driver is golang-migrate's driver for pgx, except that a migration and its bookkeeping are one
// transaction.
//
// golang-migrate alone marks the version as dirty, runs the file and clears the mark, in three
// transactions. Here the file and the note are one multi-statement query, which PostgreSQL runs as
// one transaction: a migration that fails, for a lock timeout perhaps, leaves nothing behind and
// can be run again. Only a file that runs outside a transaction is marked as dirty meanwhile.
type driver struct {
	database.Driver
	// note holds the statements that record what is applied after the current migration.
	note string
	// target is the version that the current migration leads to: golang-migrate announces it before
	// it runs the file.
	target int
	// atomic reports whether the current migration runs in a transaction.
	atomic bool
}

// Lock implements database.Driver. The session holds the lock already.
func (*driver) Lock() error { return nil }

// Unlock implements database.Driver.
func (*driver) Unlock() error { return nil }

// SetVersion implements database.Driver.
func (d *driver) SetVersion(version int, dirty bool) error {
	switch {
	case dirty:
		d.target = version // Run marks it if needed
		return nil
	case d.atomic:
		return nil // Run noted it
	}
	return d.Driver.Run(strings.NewReader(d.note))
}

// Run implements database.Driver.
func (d *driver) Run(file io.Reader) error {
	text, err := io.ReadAll(file)
	if err != nil {
		return fmt.Errorf("reading a migration: %w", err)
	}
	firstLine, _, _ := bytes.Cut(text, []byte("\n"))
	if d.atomic = string(bytes.TrimSpace(firstLine)) != noTransaction; d.atomic {
		// The line break ends a comment that the file may end with, the semicolon its last
		// statement.
		return d.Driver.Run(strings.NewReader(string(text) + "\n;" + d.note))
	}
	if err := d.Driver.SetVersion(d.target, true); err != nil {
		return err
	}
	return d.Driver.Run(bytes.NewReader(text))
}

// step runs one migration and records it.
func (s *session) step(ctx context.Context, files fs.FS, migration Migration, way direction) error {
	file := migration.file(way)
	if ctx.Err() != nil {
		return &operatorError{text: "interrupted before " + file, err: context.Cause(ctx)}
	}
	// Read in advance: golang-migrate runs a part of a file if reading the rest fails.
	text, err := fs.ReadFile(files, file)
	if err != nil {
		return fmt.Errorf("reading migration %s: %w", file, err)
	}
	applied, target := with(s.applied, migration.versions()...), migration.Version
	if way == wayDown {
		applied = without(s.applied, migration.versions()...)
		target = orNil(last(applied))
	}
	version := uint(migration.Version)
	run, err := migrate.NewMigration(io.NopCloser(bytes.NewReader(text)), file, version, target)
	if err != nil {
		return fmt.Errorf("reading migration %s: %w", file, err)
	}
	s.driver.note, s.driver.atomic = s.note(applied), true
	if err := s.migrate.Run(run); err != nil {
		return explainStep(ctx, file, string(text), s.driver.atomic, err)
	}
	s.applied = applied
	return nil
}

// repair records versions, in order, as the applied ones, and clears the mark of a dirty schema.
func (s *session) repair(versions []int) error {
	s.driver.note = s.note(versions)
	return explain(s.migrate.Force(orNil(last(versions))))
}

// orNil returns version, or the number that golang-migrate has for no migration.
func orNil(version int) int {
	if version == 0 {
		return database.NilVersion
	}
	return version
}
