package httpkit

import (
	"compress/gzip"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"example.com/plinth/kit/apispec"
)

// minCompressedBytes is the size from which a body is compressed. Smaller ones fit into one packet.
const minCompressedBytes = 1 << 10

// Compress encodes large responses of compressible operations with gzip if the client accepts it.
func Compress(contract *apispec.Contract) echo.MiddlewareFunc {
	writers := &sync.Pool{New: func() any {
		writer, _ := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed) // fails for unknown levels only
		return writer
	}}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(ctx echo.Context) error {
			op := operationOf(contract, ctx)
			if op == nil || !op.IsCompressible {
				return next(ctx)
			}
			response := ctx.Response()
			response.Header().Add(echo.HeaderVary, echo.HeaderAcceptEncoding)
			if !acceptsGzip(ctx.Request()) {
				return next(ctx)
			}
			writer := &gzipWriter{ResponseWriter: response.Writer, writers: writers}
			response.Writer = writer
			defer func() { response.Writer = writer.ResponseWriter }() // errors are written without it
			if err := next(ctx); err != nil {
				return err
			}
			return writer.close()
		}
	}
}

// gzipWriter delays the status until the first write, whose size decides about the encoding,
// because generated code writes JSON at once. Only then does it allocate a compressor, which takes
// a megabyte.
type gzipWriter struct {
	http.ResponseWriter

	writers *sync.Pool
	gzip    *gzip.Writer // nil for a plain response
	status  int          // 0 once it is sent
}

// Unwrap is for http.ResponseController.
func (w *gzipWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (w *gzipWriter) WriteHeader(status int) { w.status = status }

// Write implements http.ResponseWriter.
func (w *gzipWriter) Write(body []byte) (int, error) {
	if w.status == http.StatusOK && len(body) >= minCompressedBytes {
		w.Header().Set(echo.HeaderContentEncoding, "gzip")
		w.gzip, _ = w.writers.Get().(*gzip.Writer)
		w.gzip.Reset(w.ResponseWriter)
	}
	w.sendStatus()
	if w.gzip != nil {
		return w.gzip.Write(body)
	}
	return w.ResponseWriter.Write(body)
}

// FlushError is for http.ResponseController.
func (w *gzipWriter) FlushError() error {
	w.sendStatus()
	if w.gzip != nil {
		if err := w.gzip.Flush(); err != nil {
			return err
		}
	}
	return http.NewResponseController(w.ResponseWriter).Flush()
}

func (w *gzipWriter) sendStatus() {
	if w.status != 0 {
		w.ResponseWriter.WriteHeader(w.status)
		w.status = 0
	}
}

// close ends a complete response. The compressor of an incomplete one is garbage.
func (w *gzipWriter) close() error {
	w.sendStatus()
	if w.gzip == nil {
		return nil
	}
	err := w.gzip.Close()
	w.writers.Put(w.gzip)
	return err
}

// acceptsGzip reports whether Accept-Encoding prefers gzip to identity (RFC 9110, section 12.5.3).
func acceptsGzip(r *http.Request) bool {
	weights := map[string]float64{}
	for coding := range strings.SplitSeq(strings.Join(r.Header.Values(echo.HeaderAcceptEncoding), ","), ",") {
		name, params, err := mime.ParseMediaType(coding)
		if err != nil {
			continue
		}
		weight, err := strconv.ParseFloat(params["q"], 64)
		if params["q"] == "" {
			weight, err = 1, nil
		}
		if err == nil && weight >= 0 && weight <= 1 {
			weights[name] = weight
		}
	}
	for _, name := range []string{"gzip", "x-gzip", "*"} {
		if weight, named := weights[name]; named {
			return weight > 0 && weight >= weights["identity"]
		}
	}
	return false
}
