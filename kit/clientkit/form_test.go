package clientkit_test

import (
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"strings"
	"testing"

	"example.com/plinth/kit/clientkit"
)

// TestFormParses parses a form with the standard library's multipart reader.
func TestFormParses(t *testing.T) {
	t.Parallel()
	mediaType, body := clientkit.Form(
		clientkit.Part{Name: "file", FileName: `a "b" ä.png`, MediaType: "image/png", Content: strings.NewReader("\x00--\r\n")},
		clientkit.Part{Name: "caption", Content: strings.NewReader("From the front")},
		clientkit.Part{Name: "empty", Content: strings.NewReader("")},
	)
	_, parameters, err := mime.ParseMediaType(mediaType)
	if err != nil {
		t.Fatal(err)
	}
	reader := multipart.NewReader(body, parameters["boundary"])
	var got strings.Builder
	for {
		part, err := reader.NextPart()
		if err == io.EOF { //nolint:errorlint // as documented
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(part)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&got, "%s|%s|%s|%q\n", part.FormName(), part.FileName(), part.Header.Get("Content-Type"), content)
	}
	want := "file|a \"b\" ä.png|image/png|\"\\x00--\\r\\n\"\ncaption|||\"From the front\"\nempty|||\"\"\n"
	if got.String() != want {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
}
