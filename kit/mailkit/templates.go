package mailkit

import (
	"bytes"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"io"
	"io/fs"
	"strings"
	"text/template"
	"unicode/utf8"
)

// Templates render mails: each has its words once, and two layouts make the text and the HTML of
// them. Values reach the HTML as data only, so that html/template escapes them.
type Templates struct {
	words *template.Template
	text  *template.Template
	html  *htmltemplate.Template
}

// Words are what a layout shows of a mail.
type Words struct {
	Subject string
	Before  []string // paragraphs before the action
	Facts   []Fact
	Action  string   // the label of the button, if there is one
	After   []string // paragraphs after the action
	Data    any      // that the mail was rendered with
}

// Fact is a labelled value.
type Fact struct{ Label, Value string }

// ParseTemplates reads layout.html, layout.txt and mails.txt. mails.txt defines the templates of
// each mail:
//
//   - NAME.subject
//   - NAME.before and NAME.after: paragraphs, separated by empty lines
//   - NAME.facts: lines of the form "Label: value"
//   - NAME.action: the label of the button
//
// All but the subject may be missing.
func ParseTemplates(fsys fs.FS) (*Templates, error) {
	t := &Templates{}
	var err error
	if t.words, err = template.ParseFS(fsys, "mails.txt"); err != nil {
		return nil, fmt.Errorf("parsing the mails: %w", err)
	}
	if t.text, err = template.ParseFS(fsys, "layout.txt"); err != nil {
		return nil, fmt.Errorf("parsing the layout of texts: %w", err)
	}
	if t.html, err = htmltemplate.ParseFS(fsys, "layout.html"); err != nil {
		return nil, fmt.Errorf("parsing the layout of HTML: %w", err)
	}
	return t, nil
}

// Render returns a message without a recipient. It fails if the mail is not defined, or if data
// lacks a field that it uses.
func (t *Templates) Render(name string, data any) (Message, error) {
	words, err := t.render(name, data)
	if err != nil {
		return Message{}, fmt.Errorf("rendering the mail %s: %w", name, err)
	}
	text, err := execute(t.text, words)
	if err != nil {
		return Message{}, fmt.Errorf("rendering the text of %s: %w", name, err)
	}
	html, err := execute(t.html, words)
	if err != nil {
		return Message{}, fmt.Errorf("rendering the HTML of %s: %w", name, err)
	}
	return Message{Subject: words.Subject, Text: wrap(text), HTML: html}, nil
}

func (t *Templates) render(name string, data any) (Words, error) {
	words := Words{Data: data}
	var before, facts, after string
	for part, into := range map[string]*string{
		"subject": &words.Subject, "before": &before, "facts": &facts, "action": &words.Action, "after": &after,
	} {
		part := t.words.Lookup(name + "." + part)
		if part == nil {
			continue
		}
		text, err := execute(part, data)
		if err != nil {
			return words, err
		}
		*into = strings.TrimSpace(text)
	}
	if words.Subject == "" {
		return words, errors.New("it has no subject")
	}
	words.Before, words.After = paragraphs(before), paragraphs(after)
	for line := range strings.Lines(facts) {
		label, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		words.Facts = append(words.Facts, Fact{label, value})
	}
	return words, nil
}

func execute(t interface {
	Execute(w io.Writer, data any) error
}, data any,
) (string, error) {
	var b bytes.Buffer
	err := t.Execute(&b, data)
	return b.String(), err
}

// paragraphs splits a text at empty lines. A paragraph is one line.
func paragraphs(text string) (split []string) {
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		if paragraph = strings.Join(strings.Fields(paragraph), " "); paragraph != "" {
			split = append(split, paragraph)
		}
	}
	return split
}

// wrap breaks lines between words, so that a text is readable in clients that do not. Links stay
// whole.
func wrap(text string) string {
	const width = 72
	var b strings.Builder
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		column := 0
		for i, word := range strings.Fields(line) {
			length := utf8.RuneCountInString(word)
			switch {
			case i == 0:
			case column+1+length > width:
				b.WriteByte('\n')
				column = 0
			default:
				b.WriteByte(' ')
				column++
			}
			b.WriteString(word)
			column += length
		}
		b.WriteByte('\n')
	}
	return b.String()
}
