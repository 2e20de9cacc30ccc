package pgstore

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/golang-migrate/migrate/v4/database"
)

// noTransaction is the first line of a migration file whose statement PostgreSQL refuses inside a transaction.
const noTransaction = "-- migrate: no transaction"

// migrationDriver is golang-migrate's driver, except that a migration and the note of its version are one transaction.
//
// By itself golang-migrate marks the version as dirty, runs the file and clears the mark, in three transactions. The file
// is a single multi-statement query, which PostgreSQL runs as one transaction, so a file that fails leaves nothing behind
// but the mark; and a connection lost at the wrong moment leaves the mark on a file that went through. Here neither
// happens: a migration that fails, for a lock timeout perhaps, can simply be run again. Only a file that runs outside a
// transaction is marked as dirty meanwhile.
type migrationDriver struct {
	database.Driver
	// table is schema_migrations, qualified and quoted.
	table string
	// target is the version that the current migration leads to, which golang-migrate announces before it runs the file.
	target int
	// atomic tells of the current migration whether it ran in a transaction, done whether its version is noted.
	atomic, done bool
}

// SetVersion implements database.Driver.
func (d *migrationDriver) SetVersion(version int, dirty bool) error {
	if dirty {
		d.target, d.atomic, d.done = version, true, false
		return nil
	}
	if d.done {
		return nil // noted by Run
	}
	err := d.Driver.SetVersion(version, false)
	d.done = err == nil
	return err
}

// Run implements database.Driver.
func (d *migrationDriver) Run(file io.Reader) error {
	text, err := io.ReadAll(file)
	if err != nil {
		return fmt.Errorf("reading a migration: %w", err)
	}
	if firstLine, _, _ := bytes.Cut(text, []byte("\n")); string(bytes.TrimSpace(firstLine)) == noTransaction {
		d.atomic = false
		if err := d.Driver.SetVersion(d.target, true); err != nil {
			return err
		}
		return d.Driver.Run(bytes.NewReader(text))
	}
	// The line break ends a comment that the file may end with, the semicolon its last statement.
	note := "\n;DELETE FROM " + d.table
	if d.target != database.NilVersion {
		note += fmt.Sprintf(";INSERT INTO %s (version, dirty) VALUES (%d, false)", d.table, d.target)
	}
	err = d.Driver.Run(io.MultiReader(bytes.NewReader(text), strings.NewReader(note)))
	d.done = err == nil
	return err
}
