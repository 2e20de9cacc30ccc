package resource_test

import (
	"bytes"
	"go/format"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"example.com/plinth/kit/resource"
)

// everything is a field of each kind, required and optional.
const everything = "title:string:3..40:unique body:text:1..500? contact:email:unique second_contact:email? site:url home:url? " +
	"active:bool archived:bool? code:int32:unique rank:int64? level:int32:0..100=5 size:int64 price:decimal:10,2 tax:decimal? " +
	"due_on:date ends_on:date? starts_at:time ends_at:time? status:enum(draft|in_progress|done)=draft color:enum(red|green)? " +
	"assignee_id:ref:user reviewer_id:ref:user? tags:[]string:1..5 labels:[]string? words:[]string name:string?"

var now = time.Date(2099, time.January, 2, 3, 4, 5, 0, time.UTC)

// service returns the sources of a small service.
func service(t *testing.T) fstest.MapFS {
	t.Helper()
	project := fstest.MapFS{"go.mod": {Data: []byte("module example.com/shelf\n")}}
	err := fs.WalkDir(os.DirFS("testdata/project"), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join("testdata", "project", name))
		project[name] = &fstest.MapFile{Data: text}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return project
}

func plan(t *testing.T, project fs.FS, spec resource.Spec) *resource.Plan {
	t.Helper()
	r, err := spec.Parse()
	if err != nil {
		t.Fatal(err)
	}
	p, err := resource.New(project, r, resource.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// specs are resources of each owner, which one project can have together.
var specs = []resource.Spec{
	{Name: "gadget", Fields: everything},
	{Name: "price_plan", Fields: "name:string:1..20 monthly:decimal:8,2", Owner: "none", Admin: true},
	{Name: "help_topic", Fields: "shown:bool views:int64=0", Owner: "none"},
	{Name: "purchase_order", Fields: everything, Owner: "none"},
}

func TestChangesOnlyAddLines(t *testing.T) {
	t.Parallel()
	project := service(t)
	for _, spec := range specs {
		p := plan(t, project, spec)
		for file, after := range p.Changed {
			if !isSubsequence(project[file].Data, after) {
				t.Errorf("%s: %s has other changes than added lines", spec.Name, file)
			}
			project[file] = &fstest.MapFile{Data: after}
		}
		for file, text := range p.Created {
			if project[file] != nil {
				t.Errorf("%s: %s is overwritten", spec.Name, file)
			}
			project[file] = &fstest.MapFile{Data: text}
		}
		for _, file := range []string{"internal/domain/store.go", "internal/app/services.go", "internal/httpapi/contract_test.go"} {
			if formatted, err := format.Source(project[file].Data); err != nil || !bytes.Equal(formatted, project[file].Data) {
				t.Errorf("%s: %s is not formatted: %v", spec.Name, file, err)
			}
		}
		for file := range p.Created {
			if strings.Contains(file, "/migrations/") && file < "db/migrations/20981231235959" {
				t.Errorf("%s: %s is older than the migrations before it", spec.Name, file)
			}
		}
		if p.Skipped != nil {
			t.Errorf("%s: no page: %v", spec.Name, p.Skipped)
		}
		if len(p.Created) != 8 {
			t.Errorf("%s: new files %q", spec.Name, slices.Sorted(maps.Keys(p.Created)))
		}
	}
}

// TestPlaces checks that what is inserted is outside of regions that copies may leave out.
func TestPlaces(t *testing.T) {
	t.Parallel()
	changed := plan(t, service(t), resource.Spec{Name: "gadget", Fields: "title:string:1..20 state:enum(a|b)"}).Changed
	for file, wants := range map[string][]string{
		"api/openapi.yaml": {
			"  # scaffold:end audit\n  - name: gadgets\n", "        Read it again.\n  gadget_not_found: {", "Users.}\n\n  /api/v1/gadgets:\n",
			"    # scaffold:end audit\n\n    GadgetTitle:\n", "      value: [*user]\n    CreateGadget:\n",
			"      schema: {$ref: \"#/components/schemas/ULID\"}\n      example: 01JD8Z7A1B2C3D4E5F6G7H8J9K\n\n  headers:\n",
		},
		"internal/domain/store.go":          {"\tAudit *AuditService // scaffold:only audit\n\n\tGadgets *GadgetService\n}", "\t// scaffold:end audit\n\tGadgetStore\n\n"},
		"internal/app/services.go":          {"\t\t\t}),\n\t\tGadgets: domain.NewGadgetService(store, ids),\n\t}, nil\n"},
		"internal/httpapi/contract_test.go": {"healthFixture,\n\tgadgetFixture,\n}"},
		"sqlc.yaml":                         {"          # scaffold:end audit\n          - column: gadgets.state\n", "type: GadgetState}\n  # Another schema."},
		"examples/web/src/navigation.ts": {
			"  // A name a line.\n  FolderIcon,\n  GaugeIcon,", "  { to: \"/gadgets\", title: (t) => t.gadgets.title, icon: FolderIcon },\n  { to: \"/settings/profile\"",
		},
		"examples/web/src/router.tsx":  {"  admins,\n  gadgetsRoute,\n  newGadgetRoute,\n  gadgetRoute,\n] as const;", "const gadgetPages = ", "\n\nconst adminPages = [\n  users,"},
		"examples/web/src/texts/en.ts": {"\n\n  gadgets: {\n    title: \"Gadgets\",", "        a: \"A\",", "  },\n\n  problems: {"},
		"examples/web/src/texts/de.ts": {"create: \"Neuer Eintrag\""},
		"CHANGELOG.md":                 {"## [Unreleased]\n\n### Added\n\n- Gadgets: accounts create, list, change and delete their own (`/api/v1/gadgets`).\n\n### Fixed\n"},
	} {
		for _, want := range wants {
			if !strings.Contains(string(changed[file]), want) {
				t.Errorf("%s lacks %q:\n%s", file, want, changed[file])
			}
		}
	}
}

// TestPageIsSkipped checks that a resource has no page if the web app is not as the page needs it, and
// that all else is planned.
func TestPageIsSkipped(t *testing.T) {
	t.Parallel()
	const web = "examples/web/src/"
	for name, test := range map[string]struct{ file, old, new, want string }{
		"another list":      {"router.tsx", "const pages = [\n", "const pages = [dashboard,\n", `router.tsx: there is no one line "const pages = [" with a line for each element below`},
		"two of an anchor":  {"router.tsx", "const adminPages = [", "const adminPages = [\nconst adminPages = [", `router.tsx: there is no one line that begins with "const adminPages = ["`},
		"no settings":       {"navigation.ts", "/settings/profile", "/me", `navigation.ts: there is no one line that begins with "  { to: \"/settings/profile\""`},
		"other texts":       {"texts/en.ts", "  problems: {", "  errors: {", `texts/en.ts: there is no one line that begins with "  problems: {"`},
		"a page":            {"router.tsx", `"/users"`, `"/gadgets"`, "src/router.tsx has a page /gadgets already"},
		"texts of the name": {"texts/en.ts", "  problems: {", "  gadgets: {},\n  problems: {", "src/texts/en.ts has texts of gadgets already"},
		"an older app":      {"form.tsx", "SelectField", "Choice", "src/form.tsx has no SelectField"},
	} {
		project := service(t)
		text := string(project[web+test.file].Data)
		if !strings.Contains(text, test.old) {
			t.Errorf("%s: %s lacks %q", name, test.file, test.old)
		}
		project[web+test.file] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(text, test.old, test.new))}
		p := plan(t, project, resource.Spec{Name: "gadget", Fields: "title:string:1..20"})
		if p.Skipped == nil || !strings.Contains(p.Skipped.Error(), test.want) {
			t.Errorf("%s: got %v, want %s", name, p.Skipped, test.want)
		}
		for _, file := range p.Files() {
			if strings.HasPrefix(file, web) {
				t.Errorf("%s: %s is written", name, file)
			}
		}
		if len(p.Created) != 7 {
			t.Errorf("%s: new files %q", name, slices.Sorted(maps.Keys(p.Created)))
		}
	}
	project := service(t)
	maps.DeleteFunc(project, func(name string, _ *fstest.MapFile) bool { return strings.HasPrefix(name, "examples/") })
	if p := plan(t, project, resource.Spec{Name: "gadget", Fields: "title:string:1..20"}); p.Skipped != nil || p.Page() != "" {
		t.Errorf("without the app: %v, %s", p.Skipped, p.Page())
	}
}

// isSubsequence reports whether after has all lines of before, in order.
func isSubsequence(before, after []byte) bool {
	rest := slices.Collect(bytes.Lines(after))
	for line := range bytes.Lines(before) {
		at := slices.IndexFunc(rest, func(other []byte) bool { return bytes.Equal(other, line) })
		if at < 0 {
			return false
		}
		rest = rest[at+1:]
	}
	return true
}

// TestLinesAreShort checks new files, and what is added to others.
func TestLinesAreShort(t *testing.T) {
	t.Parallel()
	long := resource.Spec{Name: "customer_subscription", Owner: "none", Fields: "company_name:string billing_status:enum(not_yet_billed|billed_and_paid|" +
		"billed_and_overdue|written_off)? responsible_id:ref:user is_renewed_at_end:bool=true cancellation_time:time?"}
	for _, spec := range append(slices.Clone(specs), long) {
		project := service(t)
		p := plan(t, project, spec)
		for _, file := range p.Files() {
			text := p.Created[file]
			if text == nil {
				text = p.Changed[file]
			}
			for line := range strings.Lines(string(text)) {
				width := utf8.RuneCountInString(strings.TrimRight(line, "\n")) + 3*strings.Count(line, "\t")
				if width > 120 && (project[file] == nil || !bytes.Contains(project[file].Data, []byte(line))) {
					t.Errorf("%s: %s: a line of %d columns: %s", spec.Name, file, width, line)
				}
			}
		}
	}
}

func TestCodeHasNoTraceOfTheGenerator(t *testing.T) {
	t.Parallel()
	project := service(t)
	for _, spec := range specs {
		for file, text := range plan(t, project, spec).Created {
			for _, trace := range []string{"generat", "TODO", "<no value>", "%!", "{{.", "<%", "\n\n\n"} {
				if strings.Contains(string(text), trace) && !strings.Contains(string(text), "\"generate") {
					t.Errorf("%s contains %q", file, trace)
				}
			}
		}
	}
}

// TestFromContract reads the contract that New has written, and writes the same rest.
func TestFromContract(t *testing.T) {
	t.Parallel()
	for _, spec := range specs {
		project := service(t)
		want := plan(t, project, spec)
		project["api/openapi.yaml"] = &fstest.MapFile{Data: want.Changed["api/openapi.yaml"]}
		r, err := resource.FromContract(project, spec.Name, "")
		if err != nil {
			t.Errorf("%s: %v", spec.Name, err)
			continue
		}
		got, err := resource.New(project, r, resource.Options{Now: now, KeepContract: true})
		if err != nil {
			t.Errorf("%s: %v", spec.Name, err)
			continue
		}
		delete(want.Changed, "api/openapi.yaml")
		if diff := cmp.Diff(texts(want), texts(got)); diff != "" {
			t.Errorf("%s (-from FIELDS +from the contract):\n%s", spec.Name, diff)
		}
	}
}

// TestEachKindAlone plans a resource with one field of each kind, and reads it from the contract.
func TestEachKindAlone(t *testing.T) {
	t.Parallel()
	owners := []resource.Spec{{}, {Owner: "none"}, {Owner: "none", Admin: true}}
	for i, kind := range []string{
		"string", "string:0..20", "string:8..100:unique", "string=x", "text", "email", "email:unique", "url", "bool", "bool=true", "int32", "int32:-5..5",
		"int64", "int64:unique", "decimal", "decimal:5,0", "date", "time", "enum(a|b)", "enum(a|b)=b", "ref:user", "[]string", "[]string:1..3",
	} {
		for j, optional := range []string{"", "?"} {
			if strings.Contains(kind, "=") && optional != "" {
				continue
			}
			spec := owners[(i+j)%len(owners)]
			spec.Name, spec.Fields = "gadget", "value:"+kind+optional
			if strings.HasPrefix(kind, "ref") {
				spec.Fields = "value_id:" + kind + optional
			}
			project := service(t)
			p := plan(t, project, spec)
			if p.Skipped != nil {
				t.Errorf("%v: no page: %v", spec, p.Skipped)
			}
			project["api/openapi.yaml"] = &fstest.MapFile{Data: p.Changed["api/openapi.yaml"]}
			r, err := resource.FromContract(project, spec.Name, "")
			if err != nil {
				t.Errorf("%v: %v", spec, err)
				continue
			}
			again, err := resource.New(project, r, resource.Options{Now: now, KeepContract: true})
			if err != nil {
				t.Errorf("%v: %v", spec, err)
			} else if !maps.EqualFunc(p.Created, again.Created, bytes.Equal) {
				t.Errorf("%v: from the contract come other files", spec)
			}
		}
	}
}

func texts(p *resource.Plan) map[string]string {
	all := map[string]string{}
	for _, files := range []map[string][]byte{p.Created, p.Changed} {
		for file, text := range files {
			all[file] = string(text)
		}
	}
	return all
}

func TestFromContractSaysWhatItCannotMap(t *testing.T) {
	t.Parallel()
	project := service(t)
	contract := string(plan(t, project, resource.Spec{Name: "gadget", Fields: "title:string:1..20 size:int32?"}).Changed["api/openapi.yaml"])
	for name, test := range map[string]struct{ old, new, want string }{
		"an operation":  {"operationId: deleteGadget", "operationId: removeGadget", `has the operationId "removeGadget", want deleteGadget`},
		"a type":        {"          type: integer\n          nullable: true\n          format: int32", "          type: number\n          format: double", `Gadget.size: the type "number" is not supported`},
		"a code":        {"x-problems: [gadget_not_found, precondition_failed]", "x-problems: [gadget_not_found]", "x-problems of updateGadget lack precondition_failed"},
		"a role":        {"operationId: deleteGadget\n      tags: [gadgets]\n      summary: Delete one of my gadgets\n      description: A gadget of another account, or one that was deleted, is 404.\n      x-rate-class: write\n      x-required-role: user", "operationId: deleteGadget\n      x-required-role: admin", `deleteGadget has x-required-role "admin", want user`},
		"the order":     {"enum: [created_at, title]", "enum: [created_at, size]", "want [created_at title]"},
		"what required": {"      required: [title]\n", "", "Create" + "GadgetRequest: title is required"},
	} {
		if !strings.Contains(contract, test.old) {
			t.Errorf("%s: the contract lacks %q", name, test.old)
			continue
		}
		project["api/openapi.yaml"] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(contract, test.old, test.new))}
		if _, err := resource.FromContract(project, "gadget", ""); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %s", name, err, test.want)
		}
	}
	if _, err := resource.FromContract(service(t), "gadget", ""); err == nil || !strings.Contains(err.Error(), "(listGadgets) is missing") {
		t.Errorf("without the resource: %v", err)
	}
}

func TestParseExplainsMistakes(t *testing.T) {
	t.Parallel()
	for fields, want := range map[string]string{
		"":                                "FIELDS is missing",
		"title":                           "title: the kind is missing: write title:KIND with one of",
		"title:strin":                     `there is no kind "strin": use one of`,
		"Title:string":                    "use lower-case letters",
		"title:string,done:bool":          "separated by spaces",
		"title:string?:1..20":             "? is the end of a field",
		"count:int32=5:0..9":              "come before =",
		"due:datetime":                    `there is no kind "datetime": write time, or use one of`,
		"title:string:1-200":              `"1-200" is no range: write the bounds as 1..200`,
		"title:string:9..1":               "the range 9..1 is empty",
		"title:string:1..9999":            "is too wide",
		"title:string?=x":                 "? and = exclude each other",
		"order:string":                    "reserved word of SQL",
		"id:string":                       "each resource has a member or a parameter of this name",
		"api_key:string":                  "spell it ApiKey and APIKey",
		"done:bool=maybe":                 `the default "maybe": must be one of true, false`,
		"done:bool:unique":                "bool cannot be unique",
		"done:bool:1..2":                  "takes no",
		"status:enum":                     "the values are missing",
		"status:enum(a)":                  "at least two values",
		"status:enum(a|a)":                "occurs twice",
		"status:enum(a|B)":                `the value "B"`,
		"status:enum(on|off)":             "means something else in YAML",
		"status:enum(a|b)=c":              "must be one of a, b",
		"assignee:ref:user":               "ends with _id",
		"assignee_id:string":              "only names of references end with _id",
		"assignee_id:ref":                 "write assignee_id:ref:user",
		"assignee_id:ref:team":            "write assignee_id:ref:user",
		"price:decimal:2,2":               "the scale is less than the precision",
		"price:decimal:x":                 "is no precision and scale",
		"count:int32:0..3000000000":       "is too wide",
		"count:int32=x":                   "must be an integer",
		"due_on:date=2026-01-02":          "date takes no default",
		"a:bool a:bool":                   "there are two fields of this name",
		"set_a:bool a:bool?":              "is SetA in Go, too",
		"user_id:ref:user":                "that is the owner",
		"a:text b:text":                   "give lesser bounds",
		strings.Repeat("a", 41) + ":bool": "at most 40 are allowed",
	} {
		_, err := resource.Spec{Name: "gadget", Fields: fields}.Parse()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("FIELDS=%q: got %v, want %s", fields, err, want)
		}
	}
	_, err := resource.Spec{Name: "gadget", Fields: "a:x b:y"}.Parse()
	if err == nil || strings.Count(err.Error(), "there is no kind") != 2 {
		t.Errorf("not all mistakes are listed: %v", err)
	}
}

func TestNamesThatAreTaken(t *testing.T) {
	t.Parallel()
	project := service(t)
	for name, want := range map[string]string{
		"":                                    "NAME is missing",
		"Note":                                "use lower-case letters",
		"type":                                "a key word of Go",
		"string":                              "a predeclared name of Go",
		"table":                               "a reserved word of SQL",
		"promise":                             "a type of TypeScript",
		"domain":                              "a name that the generated code uses",
		"notes":                               "it is a plural: use NAME=note",
		"sheep":                               "its plural is the same: add another one",
		"user":                                "a reserved word of SQL",
		"session":                             "the schema Session is in api/openapi.yaml already",
		"problem":                             "the schema Problem is in api/openapi.yaml already",
		"device":                              "already",
		"event":                               "events are there already, in internal/domain/events.go: use another NAME or PLURAL",
		"http_url":                            "spell it",
		"plan_b":                              "a word of one letter",
		"a_noun_with_a_name_that_is_too_long": "at most 30 are allowed",
	} {
		r, err := resource.Spec{Name: name, Fields: "title:string"}.Parse()
		if err == nil {
			_, err = resource.New(project, r, resource.Options{Now: now})
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("NAME=%s: got %v, want %s", name, err, want)
		}
	}
	if _, err := (resource.Spec{Name: "sheep", Plural: "flock", Fields: "title:string"}).Parse(); err != nil {
		t.Errorf("another plural: %v", err)
	}
	for _, spec := range []resource.Spec{{Owner: "team"}, {Owner: "user", Admin: true}} {
		spec.Name, spec.Fields = "gadget", "title:string"
		if _, err := spec.Parse(); err == nil {
			t.Errorf("OWNER=%s ADMIN=%v is accepted", spec.Owner, spec.Admin)
		}
	}
}

func TestRestoreUndoesEverything(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a/changed", "1")
	write("a/deleted", "1")
	write("bin/output", "1")
	before := os.DirFS(dir)
	snapshot, err := resource.Take(dir)
	if err != nil {
		t.Fatal(err)
	}
	write("a/changed", "2")
	write("b/new", "2")
	write("bin/output", "2")
	if err := os.Remove(filepath.Join(dir, "a", "deleted")); err != nil {
		t.Fatal(err)
	}
	if err := snapshot.Restore(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"a/changed": "1", "a/deleted": "1", "bin/output": "2", "b/new": ""} {
		if got, _ := fs.ReadFile(before, name); string(got) != want {
			t.Errorf("%s contains %q, want %q", name, got, want)
		}
	}
}
