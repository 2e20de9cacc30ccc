// Package httpapi speaks HTTP for the domain: it checks requests against the contract, finds out who calls, hands over to
// the services and writes what comes back. It is the only package that knows Echo.
//
// It must not hold rules, SQL, or anything about how things are stored.
package httpapi

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"example.com/plinth/gen/api"
	"example.com/plinth/gen/apicontract"
	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/idgen"
	"example.com/plinth/kit/problem"
	"example.com/plinth/kit/telemetry"
)

// Dependencies are what the server cannot do without.
type Dependencies struct {
	domain.Services

	Health   Health
	IDs      *idgen.Generator
	Logger   *slog.Logger
	Reporter *telemetry.Sentry
	Now      func() time.Time
}

// Options are what the server can do otherwise; the zero value works.
type Options struct {
	CORSOrigins    []string // exact origins, or "*" alone; none means no cross-origin access
	TrustedProxies []netip.Prefix
	DocsEnabled    bool
	// Metrics count requests; nil counts nothing.
	Metrics *telemetry.Metrics
	// Tracing follows requests; nil follows none.
	Tracing *telemetry.Tracing
	// RateLimits bound how often callers may call; nil does not.
	RateLimits *RateLimits
	// PasswordMinLength is how many characters a new password has at least, if that is more than the contract says.
	PasswordMinLength int
	// RequestTimeout is how long a request may take, unless its operation says x-timeout; 0 means 10 seconds.
	RequestTimeout time.Duration
	// StreamCheck is how often the session of a stream is looked at; 0 means every 10 seconds.
	StreamCheck time.Duration
	// StreamsPerCaller bounds the concurrent streams of an account, or of a network if they are public; 0 means 10.
	StreamsPerCaller int
	// MaxStreams bounds all concurrent streams, so that connections remain for other requests; 0 means 1,024.
	MaxStreams int
	// Stopping is closed when the server stops, and ends streams; nil ends none.
	Stopping <-chan struct{}

	unvalidated bool // for the benchmark that measures what validation costs; see export_test.go
}

// handlers is the strict server: one method for each operation, in the file of its noun.
type handlers struct {
	domain.Services

	health Health
}

var _ api.StrictServerInterface = (*handlers)(nil)

// New returns the HTTP API. It fails if the contract leaves open who may call an operation, or if a route exists that
// neither the contract nor the list of documentation routes knows.
func New(deps Dependencies, options Options) (http.Handler, error) {
	if err := checkComplete(deps); err != nil {
		return nil, err
	}
	spec, err := api.GetSpec()
	if err != nil {
		return nil, fmt.Errorf("loading the contract: %w", err)
	}
	// The contract has the least that an operator can set. With the bound in force, one answer tells it.
	if schema := spec.Components.Schemas["NewPassword"]; schema != nil {
		schema.Value.MinLength = max(schema.Value.MinLength, uint64(options.PasswordMinLength)) //nolint:gosec // a setting
	}
	return newHandler(spec, API{Register: func(router api.EchoRouter) {
		api.RegisterHandlers(router, api.NewStrictHandler(&handlers{deps.Services, deps.Health}, nil))
	}}, deps, options)
}

// API is another contract than the service's own, with the handlers that fulfil it.
type API struct {
	Contract []byte             // in YAML or JSON
	Problems map[string]Problem // by code; those of the service's own contract are there
	Register func(router api.EchoRouter)
}

// Problem is what all problems of one code have in common.
type Problem struct {
	Status int
	Title  string
}

// NewFor is New for another contract. What it says is checked and enforced in the same way.
func NewFor(served API, deps Dependencies, options Options) (http.Handler, error) {
	if err := checkComplete(deps); err != nil {
		return nil, err
	}
	spec, err := openapi3.NewLoader().LoadFromData(served.Contract)
	if err != nil {
		return nil, fmt.Errorf("loading the contract: %w", err)
	}
	return newHandler(spec, served, deps, options)
}

func newHandler(spec *openapi3.T, served API, deps Dependencies, options Options) (http.Handler, error) {
	contract, err := newContract(spec)
	if err != nil {
		return nil, err
	}
	limits, err := newLimits(contract, options.RateLimits)
	if err != nil {
		return nil, err
	}
	proxies := &proxies{trusted: options.TrustedProxies}
	routes := newRouteMetrics(contract, options)
	tracing := &tracer{contract: contract, proxies: proxies, tracing: options.Tracing, reporter: deps.Reporter}
	methods := &methods{}
	table := apicontract.Problems()
	for code, kind := range served.Problems {
		table[code] = problem.Kind{Status: kind.Status, Title: kind.Title}
	}
	if err := table.Check(); err != nil {
		return nil, err
	}
	failures := &errorHandler{logger: deps.Logger, reporter: deps.Reporter, kinds: table}

	e := echo.New()
	e.Binder = binder{}
	e.HTTPErrorHandler = failures.handle
	e.IPExtractor = proxies.clientIP

	checked := validate(contract)
	if options.unvalidated {
		e.Binder, checked = &echo.DefaultBinder{}, unchecked
	}

	e.Pre(routeEscaped)
	// From the outermost to the innermost. Errors travel outwards up to accessLog, which has them written.
	e.Use(inOrder(
		requestID(deps.IDs),                        // first: everything after it can be found in the logs
		measure(routes, deps.Now),                  // sees the final status, also of panics
		tracing.trace,                              // likewise; what comes after it belongs to a trace
		accessLog(deps.Logger, deps.Now),           // likewise
		recovery(),                                 // everything below may panic
		securityHeaders(proxies),                   // on every answer, also on errors
		closeChunked,                               // likewise
		cors(contract, options.CORSOrigins),        // answers preflights, which carry no token
		compress(contract),                         // outside of authenticate: Vary is on refusals too
		deadline(contract, options.RequestTimeout), // bounds all that waits for something
		announceRetirement(contract),               // also on refusals
		announceMethods(methods),                   // likewise
		limitStrangers(contract, limits),           // before anything is done for those without an account
		shed(contract, deps),                       // before anybody is parsed or looked for
		authenticate(contract, deps, limits),       // before the body is read: strangers get no parsing from us
		sustain(contract, deps, options),           // gives uploads and streams their time
		conditionalReads(contract),                 // on answers that would be given without a condition
		checked,                                    // last: handlers see only what the contract allows
	))

	served.Register(headRouter{e})
	var extra []string
	if options.DocsEnabled {
		registerDocs(e)
		extra = docsRoutes()
	}
	if err := checkRoutes(e, contract, extra); err != nil {
		return nil, err
	}
	methods.register(e, contract) // before the routes that only refuse
	keepFixedPaths(e)
	endParameters(e)
	return e, nil
}

// inOrder makes one middleware of many, the first outermost, with the route's own handler at the end. Echo would put the
// chain together anew for each request, which costs an allocation for each link.
func inOrder(links ...echo.MiddlewareFunc) echo.MiddlewareFunc {
	chain := echo.HandlerFunc(func(ctx echo.Context) error { return ctx.Handler()(ctx) })
	for _, link := range slices.Backward(links) {
		chain = link(chain)
	}
	return func(echo.HandlerFunc) echo.HandlerFunc { return chain }
}

// unchecked is for the benchmark that measures what validation costs.
func unchecked(next echo.HandlerFunc) echo.HandlerFunc { return next }

// checkComplete fails if something that operations use is missing: they would panic, and the start would not.
func checkComplete(deps Dependencies) error {
	if deps.Health.Ready == nil {
		return errors.New("the check of readiness is missing in Dependencies")
	}
	for field, service := range reflect.ValueOf(deps.Services).Fields() {
		if service.IsNil() {
			return fmt.Errorf("the service %s is missing in Dependencies", field.Name)
		}
	}
	return nil
}

// endParameters makes a parameter at the end of a path end at the next slash. Where no path goes on behind it, Echo would
// let it take all that follows, and find an operation at paths that the contract does not have.
func endParameters(e *echo.Echo) {
	routes := e.Routes()
	for _, route := range routes {
		goesOn := func(other *echo.Route) bool { return strings.HasPrefix(unnamed(other.Path), unnamed(route.Path)+"/") }
		if strings.HasPrefix(path.Base(route.Path), ":") && !slices.ContainsFunc(routes, goesOn) {
			e.RouteNotFound(route.Path+"/*", echo.NotFoundHandler)
		}
	}
}

// unnamed leaves out the names of the parameters of a route: /projects/:id is where /projects/:project_id/tasks begins.
func unnamed(route string) string { return parameterNames.ReplaceAllString(route, ":") }

var parameterNames = regexp.MustCompile(`:[^/]+`)

// headRouter gives every GET its HEAD; net/http leaves the body out.
type headRouter struct{ *echo.Echo }

// GET implements api.EchoRouter.
func (r headRouter) GET(route string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route {
	r.HEAD(route, h, m...)
	return r.Echo.GET(route, h, m...)
}

// checkRoutes fails unless the routes are exactly the contract's operations and the extra paths. A handler that slipped
// past the contract would have no access rule.
func checkRoutes(e *echo.Echo, c *contract, extra []string) error {
	var problems []error
	registered := map[routeKey]bool{}
	for _, route := range e.Routes() {
		key := routeKey{route.Method, route.Path}
		registered[key] = true
		if c.operations[key] == nil && !slices.Contains(extra, route.Path) {
			problems = append(problems, fmt.Errorf("%s %s is not in the contract", route.Method, route.Path))
		}
	}
	for key := range c.operations {
		if !registered[key] {
			problems = append(problems, fmt.Errorf("%s %s is in the contract and has no handler", key.method, key.path))
		}
	}
	return errors.Join(problems...)
}
