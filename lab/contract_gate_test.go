//go:build oasdiff

package lab_test

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// oasdiff returns the path of the compiled program, because the scripts run it many times.
var oasdiff = sync.OnceValues(func() (path string, err error) {
	cmd := exec.Command("go", "tool", "-n", "oasdiff")
	cmd.Dir, cmd.Env = filepath.Join(root, "tools"), append(os.Environ(), "GOWORK=off")
	out, err := cmd.Output()
	return strings.TrimSpace(string(out)), err
})

// contractScript compares contracts.
const contractScript = "kit/scripts/contract.sh"

// history is a repository with the script that compares contracts. Only `make check-lab` builds its
// tests, because they need a compiled oasdiff.
type history struct {
	t   *testing.T
	dir string
}

// newHistory creates a folder without a repository.
func newHistory(t *testing.T) history {
	t.Helper()
	h := history{t, t.TempDir()}
	text, err := os.ReadFile(filepath.Join(root, contractScript))
	if err != nil {
		t.Fatal(err)
	}
	h.write(contractScript, string(text))
	h.write("CHANGELOG.md", "# Changelog\n")
	h.write(contractFile, library)
	return h
}

// begin creates the repository, with the contract in the first commit of a branch.
func (h history) begin(branch string) (revision string) {
	h.t.Helper()
	h.git("init", "-q", "-b", branch)
	return h.commit()
}

func (h history) write(name, text string) {
	h.t.Helper()
	file := filepath.Join(h.dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		h.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o700); err != nil { //nolint:gosec // scripts are run
		h.t.Fatal(err)
	}
}

func (h history) remove(name string) {
	h.t.Helper()
	if err := os.Remove(filepath.Join(h.dir, name)); err != nil {
		h.t.Fatal(err)
	}
}

// change replaces text of the contract.
func (h history) change(old, replacement string) {
	h.t.Helper()
	text, err := os.ReadFile(filepath.Join(h.dir, contractFile))
	if err != nil || !strings.Contains(string(text), old) {
		h.t.Fatalf("there is no %q in the contract (%v)", old, err)
	}
	h.write(contractFile, strings.ReplaceAll(string(text), old, replacement))
}

// run returns the output of a program and whether it succeeded. The program is isolated from the
// surrounding repository and its settings.
func (h history) run(variables []string, name string, args ...string) (said string, ok bool) {
	h.t.Helper()
	tool, err := oasdiff()
	if err != nil {
		h.t.Fatal(err)
	}
	cmd := exec.CommandContext(h.t.Context(), name, args...)
	cmd.Dir = h.dir
	cmd.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "GIT_") || strings.HasPrefix(variable, "CONTRACT_BASE=")
	})
	cmd.Env = append(cmd.Env, "OASDIFF="+tool, "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull, "GIT_CEILING_DIRECTORIES="+filepath.Dir(h.dir))
	cmd.Env = append(cmd.Env, variables...)
	temporary := h.t.TempDir()
	cmd.Env = append(cmd.Env, "TMPDIR="+temporary)
	out, err := cmd.CombinedOutput()
	if left, _ := os.ReadDir(temporary); len(left) > 0 {
		h.t.Errorf("%s leaves %v behind", name, left)
	}
	return string(out), err == nil
}

func (h history) git(args ...string) string {
	h.t.Helper()
	said, ok := h.run(nil, "git", append([]string{"-c", "user.name=x", "-c", "user.email=x@example.com"}, args...)...)
	if !ok {
		h.t.Fatalf("git %v: %s", args, said)
	}
	return strings.TrimSpace(said)
}

// commit returns the short name of the new revision.
func (h history) commit() string {
	h.t.Helper()
	h.git("add", "-A")
	h.git("commit", "-q", "--allow-empty", "-m", "x")
	return h.git("rev-parse", "--short", "HEAD")
}

// contractFile is the contract that the scripts compare.
const contractFile = "gen/apicontract/openapi.yaml"

const (
	// loan is a member of a response, and loss a contract without it.
	loan, loss = "required: [title, loan]", "required: [title]"
	// breaking is the line that allows its loss, shutting that of a stricter role.
	shutting = "  - Breaking: PUT /books/{id} now needs the role `admin`"
	breaking = "  - Breaking: GET /books/{id} removed the required property `loan` from the response with the `200` status"
)

// lose removes the member.
func (h history) lose() {
	h.t.Helper()
	h.change(loan, loss)
	h.change("        loan: {type: string}\n", "")
}

// TestContractBase checks with which revision a contract is compared.
func TestContractBase(t *testing.T) {
	t.Parallel()
	nothing := "contract: there is no earlier version yet, so nothing was compared"
	for name, test := range map[string]struct {
		// live plays the history and returns the revision that counts, or "".
		live  func(h history) string
		base  string // CONTRACT_BASE
		fails bool
		says  string // instead of the revision
	}{
		"no repository": {live: func(history) string { return "" }, says: nothing},
		"no commit":     {live: func(h history) string { h.git("init", "-q", "-b", "main"); return "" }, says: nothing},
		"the first commit": {says: nothing, live: func(h history) string {
			h.begin("main")
			h.lose()
			return ""
		}},
		"on main, the commit before": {fails: true, live: func(h history) string {
			h.begin("main")
			before := h.commit()
			h.lose()
			h.commit()
			return before
		}},
		"on main, not the commits before that": {live: func(h history) string {
			h.begin("main")
			h.lose()
			before := h.commit()
			h.commit()
			return before
		}},
		"on a branch, where it left main": {fails: true, live: func(h history) string {
			fork := h.begin("main")
			h.git("switch", "-q", "-c", "work")
			h.lose()
			h.commit()
			h.commit()
			h.git("switch", "-q", "main")
			h.commit() // others go on
			h.git("switch", "-q", "work")
			return fork
		}},
		"without a main of its own, the remote's": {fails: true, live: func(h history) string {
			fork := h.begin("work")
			h.git("update-ref", "refs/remotes/origin/main", "HEAD")
			h.lose()
			h.commit()
			h.commit()
			return fork
		}},
		"its own main before the remote's": {live: func(h history) string {
			h.begin("main")
			h.git("update-ref", "refs/remotes/origin/main", "HEAD")
			h.lose()
			fork := h.commit()
			h.git("switch", "-q", "-c", "work")
			h.commit()
			return fork
		}},
		"the latest tag, whatever main is": {fails: true, live: func(h history) string {
			h.begin("main")
			h.git("tag", "v1.0.0")
			h.lose()
			h.commit()
			h.commit()
			return "v1.0.0"
		}},
		"not the tag before the latest": {live: func(h history) string {
			h.begin("main")
			h.git("tag", "v1.0.0")
			h.lose()
			h.commit()
			h.git("tag", "v2.0.0")
			h.commit()
			return "v2.0.0"
		}},
		"CONTRACT_BASE, whatever is tagged": {base: "v1.0.0", fails: true, live: func(h history) string {
			h.begin("main")
			h.git("tag", "v1.0.0")
			h.lose()
			h.commit()
			h.git("tag", "v2.0.0")
			return "v1.0.0"
		}},
		"a base before contracts were expanded": {fails: true, live: func(h history) string {
			h.write("api/openapi.yaml", library)
			h.remove(contractFile)
			h.begin("main")
			h.git("tag", "v1.0.0")
			h.write(contractFile, library)
			h.lose()
			return "v1.0.0"
		}},
		"CONTRACT_BASE is no revision": {
			base: "v3.0.0", fails: true, says: "CONTRACT_BASE=v3.0.0 has no contract",
			live: func(h history) string { h.begin("main"); return "" },
		},
		"a base from before the contract": {says: "v0.1.0 has no contract yet, so nothing was compared", live: func(h history) string {
			h.git("init", "-q", "-b", "main")
			h.git("commit", "-q", "--allow-empty", "-m", "x")
			h.git("tag", "v0.1.0")
			h.commit()
			return ""
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHistory(t)
			since := test.live(h)
			said, ok := h.run([]string{"CONTRACT_BASE=" + test.base}, contractScript, "check")
			wanted := cmp.Or(test.says, "no unannounced breaking change since "+since+"\n")
			if test.fails && test.says == "" {
				wanted = "The contract breaks clients of " + since + "."
			}
			if ok == test.fails || !strings.Contains(said, wanted) {
				t.Errorf("succeeded: %v, want %v and %q:\n%s", ok, !test.fails, wanted, said)
			}
			h.checkChangelog(test.base, since, test.fails)
		})
	}
}

// checkChangelog checks that the list of changes begins at the same revision, or fails without one.
func (h history) checkChangelog(base, since string, changed bool) {
	h.t.Helper()
	said, ok := h.run([]string{"CONTRACT_BASE=" + base}, contractScript, "changelog")
	wanted := "No changes detected"
	switch {
	case since == "":
		wanted = "There is no earlier contract to compare with; set CONTRACT_BASE to a revision."
	case changed:
		wanted = "removed the required property `loan`"
	}
	if ok != (since != "") || !strings.Contains(said, wanted) {
		h.t.Errorf("succeeded: %v, want %v and %q:\n%s", ok, since != "", wanted, said)
	}
}

// TestContractBreaks checks which changes break consumers, and how CHANGELOG.md allows them.
func TestContractBreaks(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before, change func(h history)
		fails          bool
	}{
		"no change":                          {change: func(history) {}},
		"a member is gone":                   {change: history.lose, fails: true},
		"a member that not all have is gone": {change: func(h history) { h.change("        cover: {type: string, enum: [hard, soft]}\n", "") }},
		"a member is new":                    {change: func(h history) { h.change("        loan:", "        isbn: {type: string}\n        loan:") }},
		"a path is gone":                     {change: func(h history) { h.change("/books/{id}:", "/tomes/{id}:") }, fails: true},
		"a stricter request":                 {change: func(h history) { h.change("{type: string, maxLength: 9}", "{type: string, maxLength: 8}") }, fails: true},
		"a laxer request":                    {change: func(h history) { h.change("{type: string, maxLength: 9}", "{type: string, maxLength: 10}") }},

		// Roles.
		"a role that fewer have":       {change: func(h history) { h.change("role: user", "role: admin") }, fails: true},
		"a role that more have":        {change: func(h history) { h.change("role: admin", "role: user") }},
		"another extension":            {change: func(h history) { h.change("x-rate-class: read", "x-rate-class: write") }},
		"an operation that was public": {change: func(h history) { h.change("security: []", "security: [{bearer: []}]\n      x-required-role: user") }, fails: true},
		"an operation that is public now": {change: func(h history) {
			h.change("security: [{bearer: []}]\n      x-required-role: user", "security: []")
		}},
		"a role that fewer have, its line": {change: func(h history) {
			h.change("role: user", "role: admin")
			h.write("CHANGELOG.md", "# Changelog\n\n"+shutting+", since its titles are secret.\n")
		}},
		"a role that fewer have, the line of another": {fails: true, change: func(h history) {
			h.change("role: user", "role: admin")
			h.write("CHANGELOG.md", strings.ReplaceAll(shutting, "PUT", "GET")+"\n")
		}},
		"a role that fewer have, an old line": {
			before: func(h history) { h.write("CHANGELOG.md", shutting+"\n") },
			change: func(h history) { h.change("role: user", "role: admin") }, fails: true,
		},

		// Lists of values: those of answers are open.
		"a new code of problems":     {change: func(h history) { h.change("[book_not_found]", "[book_not_found, book_lent]") }},
		"a new type of events":       {change: func(h history) { h.change("[book_lost]", "[book_lost, book_found]") }},
		"a new value in answers":     {change: func(h history) { h.change("[hard, soft]", "[hard, soft, none]") }},
		"a value that answers lose":  {change: func(h history) { h.change("[hard, soft]", "[hard]") }, fails: true},
		"a value that requests lose": {change: func(h history) { h.change("[pdf, epub]", "[pdf]") }, fails: true},
		"a new value in requests":    {change: func(h history) { h.change("[pdf, epub]", "[pdf, epub, txt]") }},
		"a value that answers lose, its line": {change: func(h history) {
			h.change("[hard, soft]", "[hard]")
			h.write("CHANGELOG.md", "  - Breaking: GET /books/{id} removed the `soft` enum value from the `cover` response property for the response status `200`\n")
		}},
		"a new code, and a break": {fails: true, change: func(h history) {
			h.change("[book_not_found]", "[book_not_found, book_lent]")
			h.lose()
		}},

		// The changelog.
		"a break with its line": {change: func(h history) {
			h.lose()
			h.write("CHANGELOG.md", "# Changelog\n\n"+breaking+", which was unused.\n")
		}},
		"a break in the first changelog": {
			before: func(h history) { h.remove("CHANGELOG.md") },
			change: func(h history) { h.lose(); h.write("CHANGELOG.md", breaking+"\n") },
		},
		"a break after an empty changelog": {
			before: func(h history) { h.write("CHANGELOG.md", "") },
			change: func(h history) { h.lose(); h.write("CHANGELOG.md", breaking+"\n") },
		},
		"a break with an old line": {
			before: func(h history) { h.write("CHANGELOG.md", breaking+"\n") },
			change: history.lose, fails: true,
		},
		"a break after a line that is like its own": {
			before: func(h history) { h.write("CHANGELOG.md", strings.ReplaceAll(breaking, "loan", "l..n")+"\n") },
			change: func(h history) { h.lose(); h.write("CHANGELOG.md", breaking+"\n") },
		},
		"a break with the line of another": {fails: true, change: func(h history) {
			h.lose()
			h.write("CHANGELOG.md", strings.ReplaceAll(breaking, "loan", "title")+"\n")
		}},
		"a break without a changelog": {fails: true, change: func(h history) { h.lose(); h.remove("CHANGELOG.md") }},
		"two breaks with one line": {fails: true, change: func(h history) {
			h.lose()
			h.change("        cover: {type: string, enum: [hard, soft]}\n", "") // which is no break
			h.change("maxLength: 9", "maxLength: 8")
			h.write("CHANGELOG.md", breaking+"\n")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHistory(t)
			if test.before != nil {
				test.before(h)
			}
			h.begin("main")
			test.change(h)
			if said, ok := h.run([]string{"CONTRACT_BASE=HEAD"}, contractScript, "check"); ok == test.fails {
				t.Errorf("succeeded: %v, want %v:\n%s", ok, !test.fails, said)
			}
		})
	}
}

// TestContractBreaksArePrintedToPaste checks that the printed lines allow the break.
func TestContractBreaksArePrintedToPaste(t *testing.T) {
	t.Parallel()
	h := newHistory(t)
	base := []string{"CONTRACT_BASE=" + h.begin("main")}
	h.lose()
	h.change("        cover: {type: string, enum: [hard, soft]}\n", "") // which is no break
	h.change("maxLength: 9", "maxLength: 8")
	h.change("/shelves:", "/racks:")
	h.change("role: user", "role: admin")
	said, _ := h.run(base, contractScript, "check")
	_, lines, _ := strings.Cut(said, "to CHANGELOG.md:\n")
	if !strings.Contains(said, "[response-required-property-removed]") || !strings.Contains(lines, breaking+"\n") || !strings.Contains(lines, shutting+"\n") || strings.Count(lines, "\n") != 4 {
		t.Fatalf("to paste is %q, of all that was said:\n%s", lines, said)
	}
	h.write("CHANGELOG.md", lines)
	if said, ok := h.run(base, contractScript, "check"); !ok {
		t.Errorf("the printed lines do not allow the break:\n%s", said)
	}
}

// TestContractChangelogListsCompatibleChanges checks that the list of changes includes compatible
// ones.
func TestContractChangelogListsCompatibleChanges(t *testing.T) {
	t.Parallel()
	h := newHistory(t)
	base := []string{"CONTRACT_BASE=" + h.begin("main")}
	h.change("        loan:", "        isbn: {type: string}\n        loan:")
	if said, ok := h.run(base, contractScript, "changelog"); !ok || !strings.Contains(said, "added the optional property `isbn`") {
		t.Errorf("succeeded: %v:\n%s", ok, said)
	}
}

// library is a contract with all differences that the scripts distinguish.
const library = `openapi: 3.0.3
info: {title: Library, version: 1.0.0}
paths:
  /shelves:
    get:
      operationId: listShelves
      security: []
      responses: {"204": {description: None.}}
  /events:
    get:
      operationId: listEvents
      security: [{bearer: []}]
      x-required-role: admin
      x-rate-class: read
      responses:
        "200":
          description: What happened.
          content:
            application/json:
              schema:
                type: object
                required: [items]
                properties:
                  items: {type: array, items: {type: object, properties: {type: {type: string, enum: [book_lost]}}}}
  /books/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      operationId: getBook
      responses:
        "200": {description: A book., content: {application/json: {schema: {$ref: "#/components/schemas/Book"}}}}
        "404": {description: None., content: {application/problem+json: {schema: {$ref: "#/components/schemas/Problem"}}}}
    put:
      operationId: renameBook
      security: [{bearer: []}]
      x-required-role: user
      requestBody:
        content:
          application/json:
            schema: {type: object, properties: {title: {type: string, maxLength: 9}, format: {type: string, enum: [pdf, epub]}}}
      responses: {"204": {description: Done.}}
components:
  securitySchemes: {bearer: {type: http, scheme: bearer}}
  schemas:
    Book:
      type: object
      required: [title, loan]
      properties:
        title: {type: string}
        cover: {type: string, enum: [hard, soft]}
        loan: {type: string}
    Problem:
      type: object
      required: [code]
      properties: {code: {type: string, enum: [book_not_found]}}
`
