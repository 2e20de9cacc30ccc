package mailkit_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"example.com/plinth/kit/mailkit"
)

// data is what the templates of the tests see.
type data struct{ Name string }

func (data) Link() (string, error) { return "", errors.New("no link") }

const (
	layoutText = "{{range .Before}}{{.}}\n\n{{end}}{{range .Facts}}{{.Label}}: {{.Value}}\n{{end}}[{{.Action}}]\n{{range .After}}{{.}}\n{{end}}"
	layoutHTML = "<h1>{{.Subject}}</h1>{{range .Before}}<p>{{.}}</p>{{end}}{{range .Facts}}<td>{{.Value}}</td>{{end}}"
)

func parse(mails, text, html string) (*mailkit.Templates, error) {
	return mailkit.ParseTemplates(fstest.MapFS{
		"mails.txt": {Data: []byte(mails)}, "layout.txt": {Data: []byte(text)}, "layout.html": {Data: []byte(html)},
	})
}

func TestRender(t *testing.T) {
	t.Parallel()
	templates, err := parse(`
{{define "greeting.subject"}}Hello {{.Name}}{{end}}
{{define "greeting.before"}}
This is a long paragraph that has more than seventy-two characters, which is where
texts are wrapped. {{.Name}}

https://app.example.com/a-link-that-is-longer-than-seventy-two-characters-and-must-stay-whole
{{end}}
{{define "greeting.facts"}}
Name: {{.Name}}
Time: 14:05: now
{{end}}
{{define "greeting.action"}}Go{{end}}
{{define "greeting.after"}}Bye{{end}}
{{define "short.subject"}}Short{{end}}
{{define "untitled.before"}}Text{{end}}
{{define "broken.subject"}}{{.Link}}{{end}}
{{define "wrong.subject"}}{{.Nome}}{{end}}
`, layoutText, layoutHTML)
	must(t, err)
	message, err := templates.Render("greeting", data{"<Ada>"})
	must(t, err)
	want := `This is a long paragraph that has more than seventy-two characters,
which is where texts are wrapped. <Ada>

https://app.example.com/a-link-that-is-longer-than-seventy-two-characters-and-must-stay-whole

Name: <Ada>
Time: 14:05: now
[Go]
Bye
`
	if message.Text != want || message.Subject != "Hello <Ada>" {
		t.Errorf("the text is\n%s\nwant\n%s", message.Text, want)
	}
	if !strings.HasPrefix(message.HTML, "<h1>Hello &lt;Ada&gt;</h1><p>This is") || strings.Contains(message.HTML, "<Ada>") {
		t.Errorf("the HTML is %s", message.HTML)
	}
	message, err = templates.Render("short", data{})
	must(t, err)
	if message.Subject != "Short" || message.Text != "[]\n" || message.HTML != "<h1>Short</h1>" {
		t.Errorf("a mail with a subject alone is %+v", message)
	}
	for name, want := range map[string]string{
		"unknown": "no subject", "untitled": "no subject", "broken": "no link", "wrong": "Nome",
	} {
		if _, err := templates.Render(name, data{}); err == nil || !strings.Contains(err.Error(), want) ||
			!strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
	}
}

func TestBrokenTemplates(t *testing.T) {
	t.Parallel()
	for name, files := range map[string][3]string{
		"mails": {"{{", "", ""}, "layout of texts": {"", "{{", ""}, "layout of HTML": {"", "", "{{"},
	} {
		if _, err := parse(files[0], files[1], files[2]); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	const subject = `{{define "a.subject"}}A{{end}}`
	for name, files := range map[string][2]string{"text": {"{{.Nope}}", ""}, "HTML": {"", "{{.Nope}}"}} {
		templates, err := parse(subject, files[0], files[1])
		must(t, err)
		if _, err := templates.Render("a", data{}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
