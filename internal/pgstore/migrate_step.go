package pgstore

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
)

// noTransaction is the first line of a migration file whose statement PostgreSQL refuses inside a transaction.
const noTransaction = "-- migrate: no transaction"

// direction is that of a step.
type direction int

const (
	wayUp   direction = 1
	wayDown direction = -1
)

// step runs one migration and records it.
//
// The file and the note are one multi-statement query, which PostgreSQL runs as one transaction: a migration that fails, for
// a lock timeout perhaps, leaves nothing behind and can simply be run again. Only a file that runs outside a transaction is
// marked as dirty meanwhile.
func (s *migrationSession) step(ctx context.Context, files fs.FS, migration Migration, way direction) error {
	file := migration.file(way)
	if ctx.Err() != nil {
		return &migrationError{text: "interrupted before " + file, err: context.Cause(ctx)}
	}
	text, err := fs.ReadFile(files, file)
	if err != nil {
		return fmt.Errorf("reading migration %s: %w", file, err)
	}
	applied, target := with(s.applied, migration.Version), migration.Version
	if way == wayDown {
		applied = without(s.applied, migration.Version)
		target = last(applied)
	}
	firstLine, _, _ := bytes.Cut(text, []byte("\n"))
	atomic := string(bytes.TrimSpace(firstLine)) != noTransaction
	if atomic {
		// The line break ends a comment that the file may end with, the semicolon its last statement.
		err = s.exec(ctx, string(text)+"\n;"+s.note(applied))
	} else {
		err = s.execMarked(ctx, string(text), target, applied)
	}
	if err != nil {
		return explainStep(ctx, file, string(text), atomic, err)
	}
	s.applied = applied
	return nil
}

// execMarked runs a file outside a transaction, between a mark and the note that clears it.
func (s *migrationSession) execMarked(ctx context.Context, text string, target int, applied []int) error {
	for _, sql := range []string{s.noteVersion(target, true), text, s.note(applied)} {
		if err := s.exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

// exec runs statements to their end. The end of ctx does not close the connection, because then it would be unknown whether
// they went through: see cancelOn.
func (s *migrationSession) exec(ctx context.Context, sql string) error {
	return s.conn.PgConn().Exec(context.WithoutCancel(ctx), sql).Close()
}
