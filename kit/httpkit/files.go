package httpkit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"example.com/plinth/kit/problem"
)

var (
	errRangeNotSatisfiable = &problem.Problem{Code: problem.CodeRangeNotSatisfiable, Detail: "The range lies outside of the file."}
	errFileChanged         = &problem.Problem{Code: problem.CodePreconditionFailed, Detail: "The file has " +
		"changed since. Read it again."}
)

// File is a response that clients save, with ranges and preconditions. Handlers return it in a
// response type of their own, whose Visit method calls Serve.
type File struct {
	Name      string    // for saving it
	MediaType string    // as in the contract
	Modified  time.Time // the zero Time if unknown
	ETag      string    // with quotation marks; may be empty
	Content   io.ReadSeeker
}

// Serve writes the file, or the requested range (RFC 9110, section 14). It closes Content if that
// is an io.Closer. ctx is that of the handler.
func (f File) Serve(ctx context.Context, w http.ResponseWriter) error {
	if closer, ok := f.Content.(io.Closer); ok {
		defer closer.Close() //nolint:errcheck // it was only read
	}
	r := CallerOf(ctx).request
	if r == nil {
		return errors.New("serving a file outside of a request")
	}
	header := w.Header()
	guard := &rangeGuard{ResponseWriter: w, before: header.Clone(), content: f.Content}
	header.Set(echo.HeaderContentType, f.MediaType)
	header.Set(echo.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	if f.ETag != "" {
		header.Set("ETag", f.ETag)
	}
	http.ServeContent(guard, r.WithContext(ctx), f.Name, f.Modified, f.Content)
	return guard.refusal
}

// rangeGuard replaces the plain-text errors of http.ServeContent with problems. It also rejects
// empty ranges, such as the last 0 bytes, which http.ServeContent serves.
type rangeGuard struct {
	http.ResponseWriter

	before  http.Header // without the headers of the file
	content io.Seeker
	refusal error
}

func (g *rangeGuard) WriteHeader(status int) {
	header := g.Header()
	if status == http.StatusPartialContent && header.Get(echo.HeaderContentLength) == "0" {
		status = http.StatusRequestedRangeNotSatisfiable
	}
	switch status {
	case http.StatusRequestedRangeNotSatisfiable:
		g.refusal = errRangeNotSatisfiable
	case http.StatusPreconditionFailed:
		g.refusal = errFileChanged
	default:
		if status < http.StatusBadRequest {
			g.ResponseWriter.WriteHeader(status)
			return
		}
		g.refusal = errors.New("the content of a file cannot be read")
	}
	if size, err := g.content.Seek(0, io.SeekEnd); status == http.StatusRequestedRangeNotSatisfiable && err == nil {
		g.before.Set("Content-Range", fmt.Sprintf("bytes */%d", size))
	}
	clear(header)
	maps.Copy(header, g.before)
}

func (g *rangeGuard) Write(p []byte) (int, error) {
	if g.refusal != nil {
		return len(p), nil //nolint:nilerr // the problem replaces the text
	}
	return g.ResponseWriter.Write(p)
}
