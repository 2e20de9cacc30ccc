package httpapi

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

	"example.com/plinth/internal/domain"
)

// CodeRangeNotSatisfiable is the code of a range that lies outside of a file; a contract with ranges has it.
const CodeRangeNotSatisfiable = "range_not_satisfiable"

var (
	errRangeNotSatisfiable = &domain.Error{Code: CodeRangeNotSatisfiable, Message: "The range lies outside of the file."}
	errFileChanged         = &domain.Error{Code: domain.CodePreconditionFailed, Message: "The file has changed since. Read it again."}
)

// File is an answer that clients save: with a name, in ranges, and only if it changed. A handler returns it in a type of
// its own, whose Visit method calls Serve.
type File struct {
	Name      string    // what it is saved as
	MediaType string    // as in the contract
	Modified  time.Time // the zero Time if unknown
	ETag      string    // with quotation marks; may be empty
	Content   io.ReadSeeker
}

// Serve writes the file, or the range of it that was asked for (RFC 9110, section 14). It closes the content if it can be
// closed. ctx is that of the handler.
func (f File) Serve(ctx context.Context, w http.ResponseWriter) error {
	if closer, ok := f.Content.(io.Closer); ok {
		defer closer.Close() //nolint:errcheck // it was only read
	}
	r := callerFrom(ctx).request
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

// rangeGuard turns refusals of http.ServeContent, which are texts, into problems. A range of no bytes, such as the last 0 of
// them, is one that cannot be satisfied, which http.ServeContent does not know.
type rangeGuard struct {
	http.ResponseWriter

	before  http.Header // as it was before the file put its own there
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
		return len(p), nil //nolint:nilerr // the text is dropped, and the refusal becomes a problem
	}
	return g.ResponseWriter.Write(p)
}
