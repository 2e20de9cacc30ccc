package httpkit

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"example.com/plinth/kit/apispec"
)

// SecurityHeaders sets headers for an API that serves no pages. [ServeDocs] overrides them.
func SecurityHeaders(proxies Proxies) echo.MiddlewareFunc {
	always := http.Header{}
	always.Set(echo.HeaderCacheControl, "no-store")
	always.Set(echo.HeaderXContentTypeOptions, "nosniff")
	always.Set(echo.HeaderContentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'")
	always.Set(echo.HeaderReferrerPolicy, "no-referrer")
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(ctx echo.Context) error {
			header := ctx.Response().Header()
			maps.Copy(header, always) // shared by all responses; Set would allocate
			if proxies.isTLS(ctx.Request()) {
				header.Set(echo.HeaderStrictTransportSecurity, "max-age=31536000; includeSubDomains")
			}
			return next(ctx)
		}
	}
}

// CloseChunked closes the connection after a request in chunks. Package headguard rejects requests
// with both Content-Length and Transfer-Encoding, but does not inspect what follows chunks.
func CloseChunked(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ctx echo.Context) error {
		if len(ctx.Request().TransferEncoding) > 0 {
			ctx.Response().Header().Set(echo.HeaderConnection, "close")
		}
		return next(ctx)
	}
}

// CORS allows pages of these origins to call the API, and to send and read the headers of the
// contract. Credentials are for [SecretCookies], and never for the origin *; tokens in a header need
// none. With no origins CORS allows no page.
func CORS(contract *apispec.Contract, origins []string, credentials bool) echo.MiddlewareFunc {
	if len(origins) == 0 { // Echo would allow all
		return pass
	}
	requestHeaders, responseHeaders := headersOf(contract)
	return middleware.CORSWithConfig(middleware.CORSConfig{
		Skipper: func(ctx echo.Context) bool { // an OPTIONS that is no preflight
			header := ctx.Request().Header
			return ctx.Request().Method == http.MethodOptions &&
				(header.Get(echo.HeaderOrigin) == "" || header.Get(echo.HeaderAccessControlRequestMethod) == "")
		},
		AllowOrigins:     origins,
		AllowCredentials: credentials && !slices.Contains(origins, "*"),
		AllowMethods: []string{
			http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		},
		// Headers that all requests and responses may have are not in the contract.
		AllowHeaders: sortedHeaders(requestHeaders,
			echo.HeaderAuthorization, echo.HeaderContentType, echo.HeaderXRequestID, "traceparent", "tracestate"),
		ExposeHeaders: sortedHeaders(responseHeaders,
			"ETag", echo.HeaderXRequestID, echo.HeaderRetryAfter, "RateLimit", "RateLimit-Policy", "Deprecation",
			"Sunset"),
		MaxAge: int((10 * time.Minute).Seconds()),
	})
}

// headersOf returns the headers that the operations of a contract declare.
func headersOf(contract *apispec.Contract) (request, response []string) {
	for _, op := range contract.Operations() {
		for _, p := range op.Parameters {
			if p.Value.In == openapi3.ParameterInHeader {
				request = append(request, p.Value.Name)
			}
		}
		for _, r := range op.Spec.Responses.Map() {
			response = slices.AppendSeq(response, maps.Keys(r.Value.Headers))
		}
	}
	response = slices.DeleteFunc(response, func(name string) bool { return name == echo.HeaderSetCookie }) // no page reads it
	return request, response
}

// sortedHeaders returns the names of headers without duplicates, which may differ in case.
func sortedHeaders(declared []string, always ...string) []string {
	names := slices.Concat(always, declared) // the common spelling first
	slices.SortStableFunc(names, func(a, b string) int {
		return strings.Compare(strings.ToLower(a), strings.ToLower(b))
	})
	return slices.CompactFunc(names, strings.EqualFold)
}

// AnnounceRetirement sends the dates of deprecated operations with every response.
func AnnounceRetirement(contract *apispec.Contract) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(ctx echo.Context) error {
			op := operationOf(contract, ctx)
			if op != nil && op.Retirement != nil {
				header := ctx.Response().Header()
				header.Set("Deprecation", op.Retirement.Deprecation)
				header.Set("Sunset", op.Retirement.Sunset)
			}
			return next(ctx)
		}
	}
}
