package update

import (
	"fmt"
	"io"
	"path"
	"strings"
)

// summary tells a person what an update did and what is left to do.
type summary struct {
	branch, start string
	change        change
	changed       []string // status, tab, path
	conflicts     []string
	breaking      []string
}

func (s summary) print(out io.Writer) {
	fmt.Fprintf(out, "Updated from %s to %s on the branch %s: %d files differ between the versions.\n",
		short(s.change.from), short(s.change.to), s.branch, len(s.changed))
	s.list(out, "New migrations, which `make migrate ARGS=up` applies", s.migrations())
	s.list(out, "Breaking changes of the starter", s.breaking)
	s.list(out, "In conflict", s.conflicts)
	if len(s.conflicts) > 0 {
		fmt.Fprintf(out, `
Next: resolve the conflicts, then
  git add --all && git cherry-pick --continue
  make generate && make test
Or undo all of it:
  git cherry-pick --abort && git switch %s && git branch --delete %s
Conflicts in gen/ and go.sum need no reading: take either side, then run make generate and go mod tidy.
`, s.start, s.branch)
		return
	}
	fmt.Fprintf(out, `
Next:
  make generate && make test
  git switch %s && git merge %s
Or undo all of it:
  git switch %[1]s && git branch --delete --force %[2]s
`, s.start, s.branch)
}

func (s summary) list(out io.Writer, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(out, "\n%s:\n", title)
	for _, line := range lines {
		fmt.Fprintf(out, "  %s\n", strings.TrimLeft(line, "+- "))
	}
}

// migrations returns the migrations that are new.
func (s summary) migrations() (files []string) {
	for _, line := range s.changed {
		if file, added := strings.CutPrefix(line, "A\t"); added && path.Dir(file) == "db/migrations" && strings.HasSuffix(file, ".up.sql") {
			files = append(files, file)
		}
	}
	return files
}
