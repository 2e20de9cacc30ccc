package rename_test

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"io"
	"strings"
	"testing"
)

func TestCopyDropsWhatIsTrueOfTheStarterOnly(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, in, want string }{
		{
			"between blank lines, of which one stays",
			"# Plinth\n\n<!-- scaffold:begin -->\nA starter.\n\nmake new\n<!-- scaffold:end -->\n\nMore.\n",
			"# OrderDesk2\n\nMore.\n",
		},
		{
			"between other lines",
			"all: lint\n# scaffold:begin (not in the copy)\nall: new\n# scaffold:end\n\nlint:\n",
			"all: lint\n\nlint:\n",
		},
		{"indented, in Go, at the end", "x\n\t// scaffold:begin\n\ty()\n\t// scaffold:end\n", "x\n"},
		{"at the beginning", "-- scaffold:begin\nSELECT 1\n-- scaffold:end\n\nSELECT 2\n", "SELECT 2\n"},
		{"several", "a\n# scaffold:begin\nb\n# scaffold:end\nc\n# scaffold:begin\nd\n# scaffold:end\ne", "a\nc\ne"},
		{"only spoken of", "Put `# scaffold:begin` before it.\n", "Put `# scaffold:begin` before it.\n"},
		{"with Windows's line ends", "a\r\n# scaffold:begin\r\nb\r\n# scaffold:end\r\nc\r\n", "a\r\nc\r\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			files := tree()
			files["file.txt"] = test.in
			if got := copyOf(t, files)["file.txt"]; got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestCopyKeepsGoFormatted(t *testing.T) {
	t.Parallel()
	files := tree()
	files["a.go"] = `package a

import (
	"example.com/plinth/internal/domain"
	"github.com/acme/zebra"
	"go.example/x"
)

const (
	plinth = "x" // the name
	other  = "y" // not the name
)
`
	files["ugly.go"] = "package  ugly\nconst plinth=1\n"
	files["broken.go"] = "package broken\nfunc plinth( {\n"
	got := copyOf(t, files)
	for file, want := range map[string]string{
		"a.go": `package a

import (
	"github.com/acme/order-desk2/internal/domain"
	"github.com/acme/zebra"
	"go.example/x"
)

const (
	orderdesk2 = "x" // the name
	other      = "y" // not the name
)
`,
		"ugly.go":   "package  ugly\nconst orderdesk2=1\n",
		"broken.go": "package broken\nfunc orderdesk2( {\n",
	} {
		if got[file] != want {
			t.Errorf("%s: got %s", file, got[file])
		}
	}
}

func TestCopySortsImports(t *testing.T) {
	t.Parallel()
	files := tree()
	files["a.go"] = "package a\n\nimport (\n\t\"example.com/plinth/x\"\n\t\"github.com/a/b\"\n)\n"
	want := "package a\n\nimport (\n\t\"github.com/a/b\"\n\t\"github.com/acme/order-desk2/x\"\n)\n"
	if got := copyOf(t, files)["a.go"]; got != want {
		t.Errorf("got %s", got)
	}
}

// spec embeds a contract like oapi-codegen does, which compresses best.
func spec(t *testing.T, contract string, level int) string {
	t.Helper()
	var deflated bytes.Buffer
	w, err := flate.NewWriter(&deflated, level)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, contract); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	encoded := base64.StdEncoding.EncodeToString(deflated.Bytes())
	var lines strings.Builder
	for ; len(encoded) > 80; encoded = encoded[80:] {
		lines.WriteString("\t\"" + encoded[:80] + "\",\n")
	}
	lines.WriteString("\t\"" + encoded + "\",\n")
	return "package api\n\nvar swaggerSpec = []string{\n" + lines.String() + "}\n\nvar rest = 1\n"
}

func TestCopyRenamesEmbeddedContracts(t *testing.T) {
	t.Parallel()
	contract := func(title string) string {
		return `{"info":{"title":"` + title + ` API","description":"` + strings.Repeat("words and more words ", 40) +
			"abcdefghijklmnopqrstuvwxyz0123456789 ABCDEFGHIJKLMNOPQRSTUVWXYZ" + `"}}`
	}
	files := tree()
	files["gen/api.go"] = spec(t, contract("Plinth"), flate.BestCompression)
	files["gen/other.go"] = spec(t, contract("Another"), flate.BestSpeed)
	got := copyOf(t, files)
	if got["gen/api.go"] != spec(t, contract("OrderDesk2"), flate.BestCompression) {
		t.Errorf("not what the generator would write: %s", got["gen/api.go"])
	}
	if got["gen/other.go"] != files["gen/other.go"] {
		t.Error("a contract without the name was changed")
	}
}
