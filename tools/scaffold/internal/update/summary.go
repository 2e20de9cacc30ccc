package update

import (
	"fmt"
	"io"
	"path"
	"strings"
)

// summary says what an update did, and what is left to do.
type summary struct {
	branch, start string
	change        change
	changed       []string // status, tab, path
	conflicts     []string
	generated     []string // conflicts in generated code, which are resolved
	breaking      []string
	// newestMigration is the newest migration that the project had.
	newestMigration string
}

func (s summary) print(out io.Writer) {
	fmt.Fprintf(out, "Updated from %s to %s on the branch %s: %d files differ between the versions.\n",
		short(s.change.from), short(s.change.to), s.branch, len(s.changed))
	added, older := s.migrations()
	list(out, "New migrations, which make migrate ARGS=up applies", added)
	list(out, "New migrations that are older than yours, which make migrate ARGS=\"up --allow-out-of-order\" applies", older)
	list(out, "Breaking changes of the starter", s.breaking)
	list(out, "Conflicts in generated code, of which make generate writes the final version", s.generated)
	list(out, "Conflicts to resolve", s.conflicts)
	if len(s.conflicts) > 0 {
		fmt.Fprintf(out, `
Next: edit these files, then
  git add --all && git cherry-pick --continue
  make generate && make test     # and commit what make generate has changed
  git switch %[1]s && git merge %[2]s
Or undo all of it:
  git cherry-pick --abort && git switch %[1]s && git branch --delete %[2]s
For go.mod and go.sum take either side, and run go mod tidy.
`, s.start, s.branch)
		return
	}
	fmt.Fprintf(out, `
Next:
  make generate && make test     # and commit what make generate has changed
  git switch %[1]s && git merge %[2]s
Or undo all of it:
  git switch %[1]s && git branch --delete --force %[2]s
`, s.start, s.branch)
}

func list(out io.Writer, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(out, "\n%s:\n", title)
	for _, line := range lines {
		fmt.Fprintf(out, "  %s\n", strings.TrimLeft(line, "+- "))
	}
}

// migrations returns the migrations that are new, those apart that come before one of the project. A file with the version
// of one that was removed is not new: it is applied.
func (s summary) migrations() (added, older []string) {
	removed := map[string]bool{}
	for _, line := range s.changed {
		if file, ok := strings.CutPrefix(line, "D\t"); ok && path.Dir(file) == migrations {
			removed[versionOf(file)] = true
		}
	}
	for _, line := range s.changed {
		file, isNew := strings.CutPrefix(line, "A\t")
		switch {
		case !isNew || path.Dir(file) != migrations || !strings.HasSuffix(file, ".up.sql") || removed[versionOf(file)]:
		case path.Base(file) < s.newestMigration:
			older = append(older, file)
		default:
			added = append(added, file)
		}
	}
	return added, older
}

// versionOf returns the version of a migration, by which its file name begins.
func versionOf(file string) string {
	version, _, _ := strings.Cut(path.Base(file), "_")
	return version
}
