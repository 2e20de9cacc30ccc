package apidocs_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/plinth/kit/apidocs"
)

const contract = "openapi: 3.0.3\ninfo: {title: Notes <1>, version: 1.2.3}\npaths: {}\n"

func TestFilesAreComplete(t *testing.T) {
	t.Parallel()
	docs, err := apidocs.Files([]byte(contract))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(slices.Sorted(slices.Values(apidocs.Paths())), slices.Sorted(maps.Keys(docs))); diff != "" {
		t.Errorf("Paths and Files differ (-paths +files):\n%s", diff)
	}
	for _, page := range []string{apidocs.SwaggerPath, apidocs.RedocPath} {
		content, err := docs[page].Plain()
		if err != nil {
			t.Fatalf("%s: %v", page, err)
		}
		if left := regexp.MustCompile(`{{.*?}}`).FindString(string(content)); left != "" {
			t.Errorf("%s: nothing was put in for %s", page, left)
		}
	}
}

// The vendored script must be the published one except for the address of the logo.
func TestRedocIsAsPublished(t *testing.T) {
	t.Parallel()
	notes, err := os.ReadFile("assets/redoc/README.md")
	if err != nil {
		t.Fatal(err)
	}
	match := regexp.MustCompile("\\| sha256 \\| `([0-9a-f]{64})`").FindSubmatch(notes)
	if match == nil {
		t.Fatal("assets/redoc/README.md names no sha256")
	}
	compressed, err := os.ReadFile("assets/redoc/redoc.standalone.js.gz")
	if err != nil {
		t.Fatal(err)
	}
	script := decompress(t, compressed)
	if n := bytes.Count(script, []byte("data:,")); n != 1 {
		t.Errorf("the logo's address was replaced %d times, want 1", n)
	}
	published := bytes.ReplaceAll(script, []byte("data:,"), []byte("https://cdn.redoc.ly/redoc/logo-mini.svg"))
	sum := sha256.Sum256(published)
	if got, want := hex.EncodeToString(sum[:]), string(match[1]); got != want {
		t.Errorf("sha256 is %s, assets/redoc/README.md says %s", got, want)
	}
}

func decompress(t *testing.T, compressed []byte) []byte {
	t.Helper()
	reader, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
