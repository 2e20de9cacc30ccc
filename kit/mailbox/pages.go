package mailbox

import (
	"bytes"
	_ "embed" // for the page
	"encoding/json"
	"html/template"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// Path is where a Mailbox is served.
const Path = "/dev/mail"

const (
	// Pages load their style and frames from this host, and nothing else.
	pagePolicy = "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	// The HTML of mails has inline styles. In the sandbox, links may only open pages.
	mailPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data: https:; form-action 'none';" +
		" frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)

var (
	//go:embed page.html
	pageSource string
	//go:embed style.css
	style []byte

	pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{"links": links}).Parse(pageSource))
)

// Wrap returns a handler that serves the mailbox at [Path], and all else by next.
func (m *Mailbox) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rest, isOwn := strings.CutPrefix(r.URL.Path, Path)
		if !isOwn || (rest != "" && rest[0] != '/' && rest != ".json") {
			next.ServeHTTP(w, r)
			return
		}
		for name, value := range map[string]string{
			"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
			"Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
			"Content-Security-Policy": pagePolicy,
		} {
			w.Header().Set(name, value)
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		if err := m.serve(w, rest); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError) // a developer reads it
		}
	})
}

// serve answers /dev/mail, below which are:
//
//	.json          all mails
//	/ID            a mail; /ID/text and /ID/html, which is its content
//	/preview       the mails of all kinds, with the same paths below
func (m *Mailbox) serve(w http.ResponseWriter, rest string) error {
	if rest == "/style.css" {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		_, err := w.Write(style)
		return err
	}
	p := page{Title: m.options.Title, Root: Path, Base: Path}
	mails, err := m.Mails()
	if err != nil {
		return err
	}
	if below, isPreview := strings.CutPrefix(rest, "/preview"); isPreview {
		rest, p.Preview, p.Base = below, true, Path+"/preview"
		if mails, err = m.previews(); err != nil {
			return err
		}
	}
	if rest == ".json" {
		w.Header().Set("Content-Type", "application/json")
		return json.NewEncoder(w).Encode(append([]Mail{}, mails...))
	}
	p.Mails = mails
	return p.serve(w, strings.Trim(rest, "/"))
}

func (m *Mailbox) previews() ([]Mail, error) {
	if m.options.Previews == nil {
		return nil, nil
	}
	messages, err := m.options.Previews()
	mails := make([]Mail, len(messages))
	for i, message := range messages {
		mails[i] = newMail(strconv.Itoa(i+1), m.now(), message)
	}
	return mails, err
}

// page is what page.html shows.
type page struct {
	Title      string
	Root, Base string // paths of the mailbox, and of this list of mails
	Preview    bool
	AsText     bool
	Mails      []Mail
	Open       *Mail
}

// serve writes a list of mails with one of them, which is the first if path is empty.
func (p page) serve(w http.ResponseWriter, path string) error {
	id, view, _ := strings.Cut(path, "/")
	for i, mail := range p.Mails {
		if mail.ID == id || (path == "" && i == 0) {
			p.Open = &p.Mails[i]
		}
	}
	p.AsText = view == "text"
	switch {
	case path != "" && (p.Open == nil || (view != "" && view != "text" && view != "html")):
		w.WriteHeader(http.StatusNotFound)
		p.Open = nil
	case view == "html":
		w.Header().Set("Content-Security-Policy", mailPolicy)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, err := w.Write([]byte(strings.Replace(p.Open.HTML, "<head>", `<head><base target="_blank">`, 1)))
		return err
	case len(p.Mails) == 0:
		w.Header().Set("Refresh", "3") // seconds, until the first mail
	}
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, p); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, err := w.Write(b.Bytes())
	return err
}

var linkPattern = regexp.MustCompile(`https?://[^\s<>"]+`)

// links escapes a text and makes links of its URLs.
func links(text string) template.HTML {
	var b strings.Builder
	for {
		at := linkPattern.FindStringIndex(text)
		if at == nil {
			break
		}
		url := template.HTMLEscapeString(text[at[0]:at[1]])
		b.WriteString(template.HTMLEscapeString(text[:at[0]]) + `<a href="` + url + `" target="_blank" rel="noreferrer">` + url + `</a>`)
		text = text[at[1]:]
	}
	b.WriteString(template.HTMLEscapeString(text))
	return template.HTML(b.String()) //nolint:gosec // G203: it is escaped
}
