// Package form stands for the package of a Go client in code samples.
package form

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"net/textproto"
)

// Part is a part of a multipart form.
type Part struct {
	Name, FileName, MediaType string
	Content                   io.Reader
}

// Form returns the media type and the body of a multipart form.
func Form(parts ...Part) (mediaType string, body io.Reader) {
	var text bytes.Buffer
	w := multipart.NewWriter(&text)
	for _, part := range parts {
		parameters := map[string]string{"name": part.Name}
		if part.FileName != "" {
			parameters["filename"] = part.FileName
		}
		header := textproto.MIMEHeader{"Content-Disposition": {mime.FormatMediaType("form-data", parameters)}}
		if part.MediaType != "" {
			header.Set("Content-Type", part.MediaType)
		}
		out, _ := w.CreatePart(header) // a buffer takes all
		_, _ = io.Copy(out, part.Content)
	}
	_ = w.Close()
	return w.FormDataContentType(), &text
}
