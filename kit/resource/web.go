package resource

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"text/template"
	"unicode"
)

// webApp is the folder of the web app, which is a slice.
const webApp = "examples/web/"

// webPage is what the templates of the web app need to know.
type webPage struct {
	*Resource

	Client string // the package of the client
}

// planWeb plans pages in the web app, if there is one. The error is why there are none: the team has
// changed a place where lines are inserted.
func (p *Plan) planWeb(project fs.FS, r *Resource) error {
	router := webApp + "src/router.tsx"
	if _, err := fs.Stat(project, router); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	page := &webPage{Resource: r}
	if err := page.checkWeb(project); err != nil {
		return err
	}
	all, err := template.New("").Delims("<%", "%>").Funcs(template.FuncMap{"upper": upperFirst, "label": label}).
		ParseFS(templates, "templates/web/*.tmpl")
	if err != nil {
		return err
	}
	w := webPlan{project: project, page: page, templates: all, changed: map[string][]byte{}}
	w.splice()
	text := w.render("page.tsx.tmpl")
	if w.err != nil {
		return w.err
	}
	p.Created[page.pageFile()] = []byte(text)
	maps.Copy(p.Changed, w.changed)
	return nil
}

// webPlan collects the changes of the web app, and the first error.
type webPlan struct {
	project   fs.FS
	page      *webPage
	templates *template.Template
	changed   map[string][]byte
	err       error
}

func (w *webPlan) render(name string) string {
	var out bytes.Buffer
	if w.err == nil {
		w.err = w.templates.ExecuteTemplate(&out, name, w.page)
	}
	return wrapTSX(withoutUnused(out.String()))
}

func (w *webPlan) edit(file string, change func(text string) (string, error)) {
	if w.err != nil {
		return
	}
	text, isChanged := w.changed[file]
	if !isChanged {
		text, w.err = fs.ReadFile(w.project, file)
	}
	after, err := change(string(text))
	if err != nil {
		w.err = fmt.Errorf("%s: %w", file, err)
	}
	w.changed[file] = []byte(after)
}

// splice adds the routes, the entry of the navigation and the texts.
func (w *webPlan) splice() {
	router, navigation := webApp+"src/router.tsx", webApp+"src/navigation.ts"
	w.edit(router, func(text string) (string, error) {
		return insertBefore(text, "const adminPages = [", w.render("routes"))
	})
	w.edit(router, func(text string) (string, error) {
		return insertInList(text, "const "+w.page.pageList()+" = [", "] as const;", w.render("list"))
	})
	w.edit(navigation, func(text string) (string, error) {
		return insertBefore(text, `  { to: "/settings/profile"`, w.render("entry"))
	})
	w.edit(navigation, func(text string) (string, error) { return insertImport(text, "lucide-react", "FolderIcon") })
	languages, err := fs.Glob(w.project, webApp+"src/texts/*.ts")
	if err != nil {
		w.err = err
	}
	for _, file := range languages {
		language := "en" // for the team to translate
		if path.Base(file) == "de.ts" {
			language = "de"
		}
		w.edit(file, func(text string) (string, error) { return insertBefore(text, "  problems: {", w.render(language)) })
	}
}

// Page returns the file of the page in the web app, or "" if there is none.
func (p *Plan) Page() string {
	for file := range p.Created {
		if strings.HasPrefix(file, webApp) {
			return file
		}
	}
	return ""
}

// checkWeb returns an error if the app has a page of this name, or lacks what the page uses.
func (w *webPage) checkWeb(project fs.FS) error {
	var problems []error
	if _, err := fs.Stat(project, w.pageFile()); err == nil {
		problems = append(problems, fmt.Errorf("%s is there already", w.pageFile()))
	}
	read := func(file string) string {
		text, err := fs.ReadFile(project, webApp+file)
		problems = append(problems, err)
		return string(text)
	}
	router := read("src/router.tsx")
	for name, there := range map[string]bool{
		"a page /" + w.Slug():           strings.Contains(router, `"/`+w.Slug()+`"`),
		"the name " + w.Var() + "Pages": regexp.MustCompile(`\b` + w.Var() + `Pages\b`).MatchString(router),
	} {
		if there {
			problems = append(problems, fmt.Errorf("src/router.tsx has %s already", name))
		}
	}
	if regexp.MustCompile(`(?m)^  ` + w.Vars() + `: `).MatchString(read("src/texts/en.ts")) {
		problems = append(problems, fmt.Errorf("src/texts/en.ts has texts of %s already", w.Vars()))
	}
	problems = append(problems, checkImports(project)...)
	match := regexp.MustCompile(`"(@[^"]+/client)"`).FindStringSubmatch(read("src/api.ts"))
	if match == nil {
		return errors.Join(append(problems, errors.New("src/api.ts does not import the client"))...)
	}
	w.Client = match[1]
	return errors.Join(problems...)
}

var ownImport = regexp.MustCompile(`(?m)^import \{ (.*) \} from "@/(.*)";$`)

// checkImports returns a problem for each name that the page imports from the app and the app does not
// export.
func checkImports(project fs.FS) (problems []error) {
	page, err := fs.ReadFile(templates, "templates/web/page.tsx.tmpl")
	if err != nil {
		return []error{err}
	}
	for _, match := range ownImport.FindAllStringSubmatch(string(page), -1) {
		names, file := match[1], "src/"+match[2]+".ts"
		if _, err := fs.Stat(project, webApp+file); err != nil {
			file += "x"
		}
		text, err := fs.ReadFile(project, webApp+file)
		problems = append(problems, err)
		for name := range strings.SplitSeq(names, ", ") {
			name = strings.TrimPrefix(name, "type ")
			if !regexp.MustCompile(`(?m)^export (?:(?:async )?function|const|interface|type) ` + name + `\b`).Match(text) {
				problems = append(problems, fmt.Errorf("%s has no %s", file, name))
			}
		}
	}
	return problems
}

func (w *webPage) pageFile() string { return webApp + "src/pages/" + w.Slug() + ".tsx" }

// pageList is the list of routes that gets the new ones, and Parent the route above them.
func (w *webPage) pageList() string {
	if w.Admin {
		return "adminPages"
	}
	return "pages"
}

// Parent is the route above those of the resource.
func (w *webPage) Parent() string {
	if w.Admin {
		return "admins"
	}
	return "app"
}

// RouteID identifies the route of the list.
func (w *webPage) RouteID() string {
	if w.Admin {
		return "/app/admins/" + w.Slug()
	}
	return "/app/" + w.Slug()
}

// HasReaders reports whether some users may read the rows and not change them.
func (w *webPage) HasReaders() bool { return !w.Admin && w.WriteRole() == "admin" }

// Heading returns the field that names a row; nil if only its identifier does.
func (w *webPage) Heading() *Field {
	if f := w.SortField(); f != nil && f.Min > 0 || f != nil && f.Kind == kindEmail {
		return f
	}
	for i, f := range w.Fields {
		if !f.Nullable && (f.Kind == kindString && f.Min > 0 || f.Kind == kindURL) {
			return &w.Fields[i]
		}
	}
	return nil
}

// HeadingName is the member that names a row.
func (w *webPage) HeadingName() string {
	if f := w.Heading(); f != nil {
		return f.Name
	}
	return "id"
}

// IsHeadingSorted reports whether the list can be sorted by its first column.
func (w *webPage) IsHeadingSorted() bool { return w.HeadingName() == w.Sort() }

// Columns returns the fields with a column of their own: the first short ones.
func (w *webPage) Columns() []Field {
	short := []string{kindEnum, "bool", "date", "time", kindInt32, kindInt64, kindDecimal, kindString, kindEmail}
	all := w.where(func(f Field) bool { return slices.Contains(short, f.Kind) && f.Name != w.HeadingName() })
	most := 3
	if w.SortField() == nil {
		most = 2 // updated_at is a column, too
	}
	return all[:min(len(all), most)]
}

// ConvertedInputs returns the fields whose inputs have other texts than the API.
func (w *webPage) ConvertedInputs() []Field { return w.where(Field.isConverted) }

// componentNames are the names that a page imports or declares. Types and variables of the resource
// get another name if they have one of these.
const componentNames = " Alert Back Badge Button Card CheckboxField Column DataTable Day Empty Fact Facts Failure Filter FlagFilter Form Link " +
	"Loading Message More Page Response SearchBox SelectField SubmitButton TextAreaField TextField Time " +
	"body change changed columns create data details error filters form id lists navigate notify query rows search send submission " +
	"submit t text texts update user value values version "

// TSType is the name of the type of a row in the page.
func (w *webPage) TSType() string {
	if contains(componentNames, w.Type()) {
		return w.Type() + "Row"
	}
	return w.Type()
}

// TSImport imports that type.
func (w *webPage) TSImport() string {
	if w.TSType() != w.Type() {
		return w.Type() + " as " + w.TSType()
	}
	return w.Type()
}

// TSVar is the name of a variable of a row.
func (w *webPage) TSVar() string {
	if contains(componentNames, w.Var()) {
		return w.Var() + "Row"
	}
	return w.Var()
}

var importLine = regexp.MustCompile(`(?m)^import \{ (.*) \} from (.*);\n`)

// withoutUnused removes the imports that a module does not use, and sorts the others.
func withoutUnused(text string) string {
	body := importLine.ReplaceAllString(text, "")
	return importLine.ReplaceAllStringFunc(text, func(line string) string {
		match := importLine.FindStringSubmatch(line)
		names := slices.DeleteFunc(strings.Split(match[1], ", "), func(name string) bool {
			words := strings.Fields(name) // such as type Card as CardRow
			return !regexp.MustCompile(`\b` + words[len(words)-1] + `\b`).MatchString(body)
		})
		if len(names) == 0 {
			return ""
		}
		slices.SortFunc(names, func(a, b string) int { return strings.Compare(importKey(a), importKey(b)) })
		return "import { " + strings.Join(names, ", ") + " } from " + match[2] + ";\n"
	})
}

// importKey orders names as Biome does: A, a, B, b.
func importKey(name string) string {
	var key strings.Builder
	for _, char := range strings.TrimPrefix(name, "type ") {
		key.WriteString(strings.ToLower(string(char)))
		key.WriteString(map[bool]string{true: "1", false: "0"}[unicode.IsLower(char)])
	}
	return key.String()
}
