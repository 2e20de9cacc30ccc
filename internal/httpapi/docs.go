package httpapi

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"example.com/plinth/api"
	"example.com/plinth/kit/apidocs"
)

// What the pages may do in a browser. Both load and call nothing but this host, and run no inline script.
const (
	policyClosed  = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	policySwagger = policyClosed + "; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'"

	// Redoc adds two style elements, one empty, for rules that come by script, and one for its scrollbar, and searches in
	// a worker made of a blob. The hashes are those of the two; a browser's console shows the new ones after an update.
	policyRedoc = policyClosed + "; script-src 'self'; img-src 'self' data:; connect-src 'self'; worker-src blob:;" +
		" style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='" +
		" 'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='"
)

// docsRoutes lists the paths that registerDocs serves, for GET and HEAD.
func docsRoutes() []string { return apidocs.Paths() }

// registerDocs serves the contract and the pages that show it. The first request builds them, so that processes without
// such requests save the time and memory.
func registerDocs(e *echo.Echo) {
	load := sync.OnceValues(func() (map[string]apidocs.File, error) {
		contract, err := api.Published()
		if err != nil {
			return nil, err
		}
		return apidocs.Files(contract)
	})
	for _, path := range docsRoutes() {
		e.Match([]string{http.MethodGet, http.MethodHead}, path, func(ctx echo.Context) error {
			docs, err := load()
			if err != nil {
				return fmt.Errorf("building the documentation: %w", err)
			}
			return serveDocsFile(ctx, path, docs[path])
		})
	}
}

// serveDocsFile answers 200 or 304, compressed where the client takes that.
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
	// ServeContent knows the rules of conditional requests and HEAD. It would refuse ranges and versions that there are not in
	// a text of its own, so nobody gets to ask for them.
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

// docsCacheControl lets browsers keep what was asked for by its digest; all else they revalidate. During a roll-out an old
// page may ask a new process for a digest that it does not have, and gets the new content, to be kept by nobody.
func docsCacheControl(wanted string, file apidocs.File) string {
	if wanted == file.Digest {
		return "public, max-age=31536000, immutable"
	}
	return "no-cache"
}
