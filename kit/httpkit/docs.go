package httpkit

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"example.com/plinth/kit/apidocs"
)

// Content-Security-Policy of the pages. They load and call only this host, and run no inline
// script.
const (
	policyClosed  = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	policySwagger = policyClosed + "; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'"

	// Redoc adds two style elements, an empty one for its scripts and one for its scrollbar, and
	// searches in a worker of a blob. After an update, a browser's console shows the new hashes of
	// the elements.
	policyRedoc = policyClosed + "; script-src 'self'; img-src 'self' data:; connect-src 'self'; worker-src blob:;" +
		" style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='" +
		" 'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='"
)

// ServeDocs registers GET and HEAD for the paths of the documentation, see package apidocs. It
// builds the files with the first request.
func ServeDocs(e *echo.Echo, build func() (map[string]apidocs.File, error)) {
	load := sync.OnceValues(build)
	for _, path := range apidocs.Paths() {
		e.Match([]string{http.MethodGet, http.MethodHead}, path, func(ctx echo.Context) error {
			files, err := load()
			if err != nil {
				return fmt.Errorf("building the documentation: %w", err)
			}
			return serveDocsFile(ctx, path, files[path])
		})
	}
}

// serveDocsFile responds with 200 or 304, compressed if the client accepts it.
func serveDocsFile(ctx echo.Context, path string, file apidocs.File) error {
	content, etag, encoding := file.Gzip, file.Digest+"-gzip", "gzip"
	if !acceptsGzip(ctx.Request()) {
		var err error
		if content, err = file.Plain(); err != nil {
			return fmt.Errorf("reading %s: %w", path, err)
		}
		etag, encoding = file.Digest, ""
	}

	header := ctx.Response().Header()
	header.Set(echo.HeaderContentType, file.ContentType)
	header.Set(echo.HeaderContentSecurityPolicy, docsPolicy(path))
	header.Set(echo.HeaderCacheControl, docsCacheControl(ctx.QueryParam("v"), file))
	header.Set("ETag", strconv.Quote(etag))
	header.Add(echo.HeaderVary, echo.HeaderAcceptEncoding)
	if encoding != "" {
		header.Set(echo.HeaderContentEncoding, encoding)
	}
	// ServeContent evaluates preconditions and HEAD. It would reject ranges and If-Match in plain
	// text, so both are ignored.
	ctx.Request().Header.Del("Range")
	ctx.Request().Header.Del("If-Match")
	ctx.Response().Before(func() { header.Set("Accept-Ranges", "none") })
	http.ServeContent(ctx.Response(), ctx.Request(), "", time.Time{}, bytes.NewReader(content))
	return nil
}

func docsPolicy(path string) string {
	switch path {
	case apidocs.SwaggerPath:
		return policySwagger
	case apidocs.RedocPath:
		return policyRedoc
	default:
		return policyClosed
	}
}

// docsCacheControl lets browsers cache files that were requested by digest. During a roll-out, an
// old page may request another digest from a new process: it gets the new content, which must not
// be cached.
func docsCacheControl(wanted string, file apidocs.File) string {
	if wanted == file.Digest {
		return "public, max-age=31536000, immutable"
	}
	return "no-cache"
}
