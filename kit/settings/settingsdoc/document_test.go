package settingsdoc_test

import (
	"strings"
	"testing"

	"example.com/plinth/kit/settings"
	"example.com/plinth/kit/settings/settingsdoc"
)

// small is a table.
type small struct {
	// How strict the program is.
	Environment settings.Environment `envconfig:"ENVIRONMENT" default:"production" development:"development" oneof:"development staging production" section:"Application"`
	// The port to listen on;
	// 0 picks a free one.
	Port int `envconfig:"PORT" default:"8000" range:"0..65535" section:"HTTP"`
	// The sender.
	From settings.Mailbox `envconfig:"FROM" development:"a@localhost"`

	Keys keys

	settings.Report
}

// keys is a table inside a table.
type keys struct {
	// A | B signs.
	Algorithm string `envconfig:"ALGORITHM" default:"A" oneof:"A B"`
	// The key.
	Secret settings.Secret `envconfig:"SECRET" required_if:"ALGORITHM=A" kind:"key"`
}

// larger has one row more, which is all that differs.
type larger struct {
	small

	// How long to brew.
	BrewTime settings.Rate `envconfig:"BREW_TIME" default:"3/4m" production:"5/1m"`
}

const dotEnvOfSmall = `# --- Application ---

# How strict the program is.
# Value: one of development, staging, production. Default outside development: production.
#ENVIRONMENT=development

# --- HTTP ---

# The port to listen on;
# 0 picks a free one.
# Value: a whole number from 0 to 65535.
#PORT=8000
# The sender.
# Value: an e-mail address such as no-reply@example.com or Orders <no-reply@example.com>. Default outside development: none.
#FROM=a@localhost
# A | B signs.
# Value: one of A, B.
#ALGORITHM=A
# The key.
# Required if ALGORITHM is A. Value: at least 32 random bytes, such as openssl rand -hex 32 prints.
#SECRET=
`

const pageOfSmall = "## Application\n" + `
| name | default | value | what it is |
|---|---|---|---|
` + "| `ENVIRONMENT` | `production`, in development `development` | one of development, staging, production | " +
	"How strict the program is. |\n\n## HTTP\n" + `
| name | default | value | what it is |
|---|---|---|---|
` + "| `PORT` | `8000` | a whole number from 0 to 65535 | The port to listen on; 0 picks a free one. |\n" +
	"| `FROM` | none, in development `a@localhost` | an e-mail address such as no-reply@example.com or " +
	"Orders <no-reply@example.com> | The sender. |\n" +
	"| `ALGORITHM` | `A` | one of A, B | A \\| B signs. |\n" +
	"| `SECRET` | required if `ALGORITHM` is `A` | at least 32 random bytes, such as openssl rand -hex 32 prints; secret | " +
	"The key. |\n"

func document(t *testing.T, table any) settingsdoc.Document {
	t.Helper()
	d, err := settingsdoc.New(table, "document_test.go")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDocument(t *testing.T) {
	t.Parallel()
	d := document(t, new(small))
	if d.DotEnv() != dotEnvOfSmall {
		t.Errorf("the example of .env is\n%s\nwant\n%s", d.DotEnv(), dotEnvOfSmall)
	}
	if d.Page() != pageOfSmall {
		t.Errorf("the page is\n%s\nwant\n%s", d.Page(), pageOfSmall)
	}
}

// A row of the table is all that a new setting needs.
func TestNewRowReachesAllOutputs(t *testing.T) {
	t.Parallel()
	outputs := func(table any) map[string]string {
		r, err := settings.Read(table, map[string]string{"SECRET": "6f1c0e9ab27d4835f0a9d3c47b8e2165"}, settings.Options{})
		if err != nil {
			t.Fatal(err)
		}
		report, err := r.Report()
		if err != nil {
			t.Fatal(err)
		}
		var printed strings.Builder
		if err := report.Print(&printed); err != nil {
			t.Fatal(err)
		}
		d := document(t, table)
		return map[string]string{"config": printed.String(), ".env.example": d.DotEnv(), "page": d.Page()}
	}
	before, after := outputs(new(small)), outputs(new(larger))
	for name, want := range map[string]string{
		"config":       "BREW_TIME=5/1m",
		".env.example": "# How long to brew.\n# Value: 1 to 1000000 requests",
		"page":         "| `BREW_TIME` | `3/4m`, in production `5/1m` | 1 to 1000000 requests",
	} {
		if !strings.Contains(after[name], want) || strings.Contains(before[name], "BREW_TIME") {
			t.Errorf("%s does not show the row:\n%s", name, after[name])
		}
	}
}

func TestRowWithoutHelpIsRefused(t *testing.T) {
	t.Parallel()
	type table struct {
		Environment settings.Environment `envconfig:"ENVIRONMENT"`
	}
	_, err := settingsdoc.New(new(table), "document_test.go")
	if err == nil || !strings.Contains(err.Error(), "write a comment above table.Environment in document_test.go") {
		t.Errorf("got %v", err)
	}
}

func TestWithHead(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"":                        "## A\n",
		"# Title\n":               "# Title\n## A\n",
		"# Title\n\n## Old\ntext": "# Title\n\n## A\n",
	} {
		if got := string(settingsdoc.WithHead([]byte(file), settingsdoc.PageMark, "## A\n")); got != want {
			t.Errorf("%q becomes %q, want %q", file, got, want)
		}
	}
}
