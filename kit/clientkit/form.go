package clientkit

import (
	"crypto/rand"
	"io"
	"mime"
	"strings"
)

// Part is a part of a multipart form.
type Part struct {
	Name      string
	FileName  string // empty for a value that is not a file
	MediaType string // empty means text/plain
	Content   io.Reader
}

// Form returns the media type and the body of a multipart form (RFC 7578), for operations that take
// files. The body is streamed from the parts' contents, so it can be sent only once.
func Form(parts ...Part) (mediaType string, body io.Reader) {
	boundary := rand.Text()
	var readers []io.Reader
	for _, part := range parts {
		parameters := map[string]string{"name": part.Name}
		if part.FileName != "" {
			parameters["filename"] = part.FileName
		}
		head := "--" + boundary + "\r\nContent-Disposition: " + mime.FormatMediaType("form-data", parameters) + "\r\n"
		if part.MediaType != "" {
			head += "Content-Type: " + part.MediaType + "\r\n"
		}
		readers = append(readers, strings.NewReader(head+"\r\n"), part.Content, strings.NewReader("\r\n"))
	}
	readers = append(readers, strings.NewReader("--"+boundary+"--\r\n"))
	mediaType = mime.FormatMediaType("multipart/form-data", map[string]string{"boundary": boundary})
	return mediaType, io.MultiReader(readers...)
}
