package migratecli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"example.com/plinth/kit/cli"
	"example.com/plinth/kit/migrator"
)

func (p Program) repair(ctx context.Context, args []string) error {
	flags := cli.NewFlags()
	var version *int
	flags.Func("version", "", func(text string) error {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return errors.New("want a version, 0 for none")
		}
		version = &n
		return nil
	})
	yes := flags.Bool("yes", false, "")
	if _, err := cli.ParseMixed(flags, args, 0); err != nil {
		return err
	}
	settings, m, err := p.open(migrator.Options{})
	if err != nil {
		return err
	}
	s, err := m.Status(ctx)
	if err != nil {
		return err
	}
	if !s.Dirty {
		p.printf("nothing to repair: %s\n", headline(s))
		return nil
	}
	likely, err := s.RepairVersion()
	if err != nil {
		return err
	}
	if version == nil {
		version = &likely
	}
	p.printf("%s\n", explanation(s, likely))
	switch {
	case *yes:
	case settings.IsProduction:
		return errors.New("nothing was changed: ENVIRONMENT is production, or unset; " +
			"add --yes if you are sure of the version")
	case !p.confirm(ctx, fmt.Sprintf("Record that the schema is at version %d?", *version)):
		return errors.New("nothing was changed")
	}
	if err := m.Repair(ctx, *version); err != nil {
		return err
	}
	return p.conclude(ctx, m)
}

// explanation explains a dirty schema and lists its possible versions, the likely one first.
func explanation(s migrator.Status, likely int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `The schema is marked dirty at version %d: a migration was interrupted before it was recorded.

A migration of this program and the record of its version are one transaction, so a failed one leaves
nothing behind, not even the mark. The mark comes from a file that begins with
"-- migrate: no transaction", or from another tool, such as golang-migrate's own command (which writes
the mark first; its failed files usually leave only that behind, because PostgreSQL runs a file as one
transaction).

Look at the tables and indexes (in psql: \d) to see which is true:
`, s.Version)
	for _, migration := range s.Migrations {
		switch {
		case migration.Version == s.Version:
			choice(&b, likely, "nothing of %s.up.sql is in place (the usual case)", migration)
			choice(&b, migration.Version, "all of %s.up.sql is in place", migration)
		case migration.Version == next(s):
			choice(&b, migration.Version, "%s was being reverted, and all of it is still in place", migration)
			if s.Version == 0 {
				choice(&b, 0, "nothing of %s is left", migration)
			}
		}
	}
	b.WriteString(`A part is in place: finish or undo it by hand first. An interrupted CREATE INDEX CONCURRENTLY
leaves an index that \d shows as INVALID: drop it.

Repair records the version and runs nothing.
`)
	return b.String()
}

// choice adds a possible state of the schema and its command.
func choice(b *strings.Builder, version int, format string, migration migrator.Migration) {
	fmt.Fprintf(b, "  "+format+":\n    migrate repair --version %d\n", migration, version)
}

// next returns the version after the dirty one, 0 if there is none.
func next(s migrator.Status) int {
	for _, migration := range s.Migrations {
		if migration.Version > s.Version {
			return migration.Version
		}
	}
	return 0
}
