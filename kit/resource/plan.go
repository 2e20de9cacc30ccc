package resource

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"go/format"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"text/template"
	"time"

	"example.com/plinth/kit/internal/yamldoc"
)

//go:embed templates/*.tmpl templates/web/*.tmpl
var templates embed.FS

// Options are optional settings of a plan.
type Options struct {
	// KeepContract leaves the contract as it is: it has the resource already.
	KeepContract bool
	// Now is the time in the name of the migration.
	Now time.Time
}

// Plan is what to write: texts of files by their paths.
type Plan struct {
	Created map[string][]byte // new files
	Changed map[string][]byte // existing ones

	// Skipped is why no page was planned for a web app that is there, or nil.
	Skipped error
}

// New plans a resource in the project of a folder. It writes nothing. The error lists what is in the
// way.
func New(project fs.FS, r *Resource, options Options) (*Plan, error) {
	module, err := modulePath(project)
	if err != nil {
		return nil, err
	}
	r.Module = module
	if err := r.checkProject(project, options); err != nil {
		return nil, err
	}
	p := &Plan{Created: map[string][]byte{}, Changed: map[string][]byte{}}
	all, err := template.New("").Funcs(template.FuncMap{"upper": upperFirst}).ParseFS(templates, "templates/*.tmpl")
	if err != nil {
		return nil, err
	}
	version, err := nextMigration(project, options.Now)
	if err != nil {
		return nil, err
	}
	for file, name := range map[string]string{
		"db/migrations/" + version + "_create_" + r.Plural + ".up.sql":   "up.sql.tmpl",
		"db/migrations/" + version + "_create_" + r.Plural + ".down.sql": "down.sql.tmpl",
		"db/queries/" + r.Plural + ".sql":                                "queries.sql.tmpl",
		"internal/domain/" + r.Plural + ".go":                            "domain.go.tmpl",
		"internal/pgstore/" + r.Plural + ".go":                           "pgstore.go.tmpl",
		"internal/httpapi/" + r.Plural + ".go":                           "httpapi.go.tmpl",
		"internal/httpapi/" + r.Plural + "_test.go":                      "test.go.tmpl",
	} {
		if p.Created[file], err = r.render(all, file, name); err != nil {
			return nil, err
		}
	}
	if err := p.splice(project, r, all, options); err != nil {
		return nil, err
	}
	p.Skipped = p.planWeb(project, r)
	return p, nil
}

// render executes a template, and formats the result.
func (r *Resource) render(all *template.Template, file, name string) ([]byte, error) {
	var out bytes.Buffer
	if err := all.ExecuteTemplate(&out, name, r); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if path.Ext(file) != ".go" {
		return []byte(wrapText(string(bytes.TrimSpace(out.Bytes())), sqlHanging)), nil
	}
	text := kitPath.ReplaceAllFunc(out.Bytes(), func(match []byte) []byte {
		if bytes.HasPrefix(match, []byte(`"example.com/plinth/kit/`)) {
			return match
		}
		return bytes.Replace(match, []byte("example.com/plinth"), []byte(r.Module), 1)
	})
	formatted, err := format.Source(wrapLines(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return formatted, nil
}

var kitPath = regexp.MustCompile(`"example\.com/plinth/[a-z/]+"`)

// splice plans the changes of existing files.
func (p *Plan) splice(project fs.FS, r *Resource, all *template.Template, options Options) error {
	if !options.KeepContract {
		if err := p.spliceContract(project, r, all); err != nil {
			return fmt.Errorf("api/openapi.yaml: %w", err)
		}
	}
	for _, edit := range []struct {
		file string
		make func(text []byte) ([]byte, error)
	}{
		{"sqlc.yaml", r.overrideColumns},
		{"internal/domain/store.go", func(text []byte) ([]byte, error) {
			text, err := insertField("store.go", text, "Services", "\t"+r.Types()+" *"+r.Type()+"Service")
			if err != nil {
				return nil, err
			}
			return insertEmbedded("store.go", text, "Store", "\t"+r.Type()+"Store")
		}},
		{"internal/app/services.go", func(text []byte) ([]byte, error) {
			line := "\t\t" + r.Types() + ": domain.New" + r.Type() + "Service(store, ids),"
			return insertElement("services.go", text, "NewServices", "Services", line)
		}},
		{"internal/httpapi/contract_test.go", func(text []byte) ([]byte, error) {
			return insertElement("contract_test.go", text, "fixtures", "[]fixture", "\t"+r.Var()+"Fixture,")
		}},
		{"CHANGELOG.md", r.announce},
	} {
		text, err := fs.ReadFile(project, edit.file)
		if err != nil {
			return err
		}
		changed, err := edit.make(text)
		if err != nil {
			return fmt.Errorf("%s: %w", edit.file, err)
		}
		if !bytes.Equal(changed, text) {
			p.Changed[edit.file] = changed
		}
	}
	return nil
}

// spliceContract adds the parts of the contract at the end of the mappings that have such parts.
func (p *Plan) spliceContract(project fs.FS, r *Resource, all *template.Template) error {
	const file = "api/openapi.yaml"
	text, err := fs.ReadFile(project, file)
	if err != nil {
		return err
	}
	for _, part := range []struct {
		template string
		path     []string
	}{
		{"tag", []string{"tags"}},
		{"problems", []string{"x-problems"}},
		{"paths", []string{"paths"}},
		{"parameters", []string{"components", "parameters"}},
		{"schemas", []string{"components", "schemas"}},
		{"examples", []string{"components", "examples"}},
	} {
		at, err := endOfYAML(text, part.path...)
		if err != nil {
			return err
		}
		var addition bytes.Buffer
		if err := all.ExecuteTemplate(&addition, part.template, r); err != nil {
			return err
		}
		lines := wrapText(strings.TrimRight(addition.String(), "\n ")+"\n", textHanging)
		if part.template == "examples" || part.template == "tag" || part.template == "problems" {
			lines = strings.TrimLeft(lines, "\n")
		}
		text = insert(text, at, lines)
	}
	if _, err := yamldoc.Parse(text); err != nil {
		return fmt.Errorf("with the resource: %w", err)
	}
	p.Changed[file] = text
	return nil
}

// overrideColumns adds the types of enums to sqlc.yaml.
func (r *Resource) overrideColumns(text []byte) ([]byte, error) {
	if len(r.Enums()) == 0 {
		return text, nil
	}
	at, err := endOfYAML(text, "sql", "0", "gen", "go", "overrides")
	if err != nil {
		return nil, err
	}
	var lines strings.Builder
	for _, f := range r.Enums() {
		fmt.Fprintf(&lines, "          - column: %s.%s\n", r.Plural, f.Name)
		pointer := ""
		if f.Nullable {
			lines.WriteString("            nullable: true\n")
			pointer = ", pointer: true"
		}
		fmt.Fprintf(&lines, "            go_type: {import: %s/internal/domain, type: %s%s}\n", r.Module, f.Schema(), pointer)
	}
	return insert(text, at, wrapText(lines.String(), textHanging)), nil
}

// announce adds an entry to the section Added of what is not released.
func (r *Resource) announce(text []byte) ([]byte, error) {
	entry := "- " + r.ManyTitle() + ": "
	switch {
	case r.IsOwned():
		entry += "accounts create, list, change and delete their own"
	case r.Admin:
		entry += "administrators create, list, change and delete them"
	default:
		entry += "accounts read them, and administrators create, change and delete them"
	}
	entry = wrapText(entry+" (`/api/v1/"+r.Slug()+"`).\n", textHanging)
	unreleased := regexp.MustCompile(`(?m)^## \[Unreleased\][^\n]*\n`).FindIndex(text)
	if unreleased == nil {
		return nil, errors.New("there is no section ## [Unreleased]")
	}
	at, section := unreleased[1], text[unreleased[1]:]
	if end := regexp.MustCompile(`(?m)^## `).FindIndex(section); end != nil {
		section = section[:end[0]]
	}
	added := regexp.MustCompile(`(?m)^### Added[ \t]*\n\n?`).FindIndex(section)
	if added == nil {
		return insert(text, at, "\n### Added\n\n"+entry), nil
	}
	if !bytes.HasPrefix(section[added[1]:], []byte("- ")) {
		entry += "\n"
	}
	return insert(text, at+added[1], entry), nil
}

// Files returns the paths that the plan writes, sorted.
func (p *Plan) Files() []string {
	var all []string
	for file := range p.Created {
		all = append(all, file)
	}
	for file := range p.Changed {
		all = append(all, file)
	}
	slices.Sort(all)
	return all
}

func modulePath(project fs.FS) (string, error) {
	text, err := fs.ReadFile(project, "go.mod")
	if err != nil {
		return "", err
	}
	match := regexp.MustCompile(`(?m)^module\s+(\S+)`).FindSubmatch(text)
	if match == nil {
		return "", errors.New("go.mod has no line with module")
	}
	return string(match[1]), nil
}

// nextMigration returns the version of the new migration: the time, or the second after the last
// migration if that is later.
func nextMigration(project fs.FS, now time.Time) (string, error) {
	const layout = "20060102150405"
	version := now.UTC().Format(layout)
	files, err := fs.Glob(project, "db/migrations/*.sql")
	if err != nil {
		return "", err
	}
	for _, file := range files {
		last, _, _ := strings.Cut(path.Base(file), "_")
		at, err := time.Parse(layout, last)
		if err == nil && last >= version {
			version = at.Add(time.Second).Format(layout)
		}
	}
	return version, nil
}
