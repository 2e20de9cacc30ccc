package settingsdoc

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strings"

	"example.com/plinth/kit/settings"
)

// Document is a table with the help texts of its rows.
type Document struct {
	rows []documented
}

type documented struct {
	settings.Row

	help []string // lines
}

// New documents a table, a pointer to a struct whose types are declared in the Go files sources.
func New(table any, sources ...string) (Document, error) {
	rows, err := settings.Rows(table)
	if err != nil {
		return Document{}, err
	}
	comments := map[string]string{}
	for _, source := range sources {
		file, err := parser.ParseFile(token.NewFileSet(), source, nil, parser.ParseComments)
		if err != nil {
			return Document{}, fmt.Errorf("reading help texts: %w", err)
		}
		maps.Copy(comments, fieldComments(file))
	}
	var d Document
	for _, row := range rows {
		help := strings.TrimSpace(comments[row.Field])
		if help == "" {
			return Document{}, fmt.Errorf("%s has no help text: write a comment above %s in %s",
				row.Name, row.Field, strings.Join(sources, " or "))
		}
		d.rows = append(d.rows, documented{Row: row, help: strings.Split(help, "\n")})
	}
	return d, nil
}

// fieldComments returns the doc comments of all fields by type and field, such as "Config.Port".
func fieldComments(file *ast.File) map[string]string {
	comments := map[string]string{}
	ast.Inspect(file, func(node ast.Node) bool {
		spec, isType := node.(*ast.TypeSpec)
		if !isType {
			return true
		}
		if table, isStruct := spec.Type.(*ast.StructType); isStruct {
			for _, field := range table.Fields.List {
				for _, name := range field.Names {
					comments[spec.Name.Name+"."+name.Name] = field.Doc.Text()
				}
			}
		}
		return false
	})
	return comments
}

// sections returns the rows of each section in the order of the table.
func (d Document) sections() [][]documented {
	var sections [][]documented
	for i, row := range d.rows {
		if i == 0 || row.Section != d.rows[i-1].Section {
			sections = append(sections, nil)
		}
		last := len(sections) - 1
		sections[last] = append(sections[last], row)
	}
	return sections
}

// DotEnvMark begins the line of a section in an example of a .env file.
const DotEnvMark = "# --- "

// DotEnv returns the sections of an example of a .env file, in which every setting is a comment
// with its default in development.
func (d Document) DotEnv() string {
	var b strings.Builder
	for _, section := range d.sections() {
		fmt.Fprintf(&b, "%s%s ---\n\n", DotEnvMark, section[0].Section)
		for _, row := range section {
			for _, line := range row.help {
				b.WriteString("# " + line + "\n")
			}
			if facts := row.facts(); facts != "" {
				b.WriteString("# " + facts + "\n")
			}
			fmt.Fprintf(&b, "#%s=%s\n", row.Name, row.DefaultIn(settings.Development))
		}
		b.WriteString("\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// facts says in sentences what the tags of a row say.
func (row documented) facts() string {
	var facts []string
	if requirement, found := strings.CutPrefix(row.requirement("%s"), "r"); found {
		facts = append(facts, "R"+requirement+".")
	}
	if row.Values != "" {
		facts = append(facts, "Value: "+row.Values+".")
	}
	staging, production := row.DefaultIn(settings.Staging), row.DefaultIn(settings.Production)
	switch {
	case production == row.DefaultIn(settings.Development):
	case production == staging:
		facts = append(facts, "Default outside development: "+cmp.Or(production, "none")+".")
	default:
		facts = append(facts, "Default in production: "+production+".")
	}
	return strings.Join(facts, " ")
}

// requirement says whether or when there must be a value, empty for never. format is that of names
// and values.
func (row documented) requirement(format string) string {
	name, value, conditional := strings.Cut(row.RequiredIf, "=")
	switch {
	case row.Required:
		return "required"
	case !conditional:
		return ""
	}
	verb := "is"
	if positive, negated := strings.CutSuffix(name, "!"); negated {
		name, verb = positive, "is not"
	}
	return "required if " + fmt.Sprintf(format, name) + " " + verb + " " + fmt.Sprintf(format, value)
}

// PageMark begins the heading of a section in a page.
const PageMark = "## "

// Page returns the sections of a page in Markdown, each with a table.
func (d Document) Page() string {
	var b strings.Builder
	for _, section := range d.sections() {
		b.WriteString(PageMark + section[0].Section + "\n\n| name | default | value | what it is |\n|---|---|---|---|\n")
		for _, row := range section {
			values := row.Values
			if row.Secret {
				values += "; secret"
			}
			cells := []string{"`" + row.Name + "`", row.defaults(), values, strings.Join(row.help, " ")}
			for i, cell := range cells {
				cells[i] = strings.ReplaceAll(cell, "|", `\|`)
			}
			b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
		}
		b.WriteString("\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// defaults lists the default and those of environments that differ.
func (row documented) defaults() string {
	if requirement := row.requirement("`%s`"); requirement != "" {
		return requirement
	}
	texts := []string{"`" + row.Default + "`"}
	if row.Default == "" {
		texts[0] = "none"
	}
	for _, environment := range []settings.Environment{settings.Development, settings.Staging, settings.Production} {
		if text, differs := row.Defaults[environment]; differs {
			texts = append(texts, "in "+string(environment)+" `"+text+"`")
		}
	}
	return strings.Join(texts, ", ")
}

// WithHead returns the generated sections below the hand-written head of a file: its lines before
// the first one that begins with mark.
func WithHead(file []byte, mark, generated string) []byte {
	lines := slices.Collect(strings.Lines(string(file)))
	if i := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(line, mark) }); i >= 0 {
		lines = lines[:i]
	}
	return []byte(strings.Join(lines, "") + generated)
}
