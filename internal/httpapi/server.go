// Package httpapi serves the contract over HTTP: it lists the middleware, authenticates callers,
// converts requests for the services and their results to responses, and translates errors.
//
// It must not hold rules, SQL, or knowledge of how data is stored.
package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"reflect"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	contractapi "example.com/plinth/api"
	"example.com/plinth/gen/api"
	"example.com/plinth/gen/apicontract"
	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/apidocs"
	"example.com/plinth/kit/apispec"
	"example.com/plinth/kit/httpkit"
	"example.com/plinth/kit/idgen"
	"example.com/plinth/kit/reqcheck"
	"example.com/plinth/kit/telemetry"
)

// Dependencies are required.
type Dependencies struct {
	domain.Services

	Health   Health
	IDs      *idgen.Generator
	Logger   *slog.Logger
	Reporter *telemetry.Sentry
	Now      func() time.Time
}

// Options are optional settings; the zero value works.
type Options struct {
	CORSOrigins []string // exact origins, or "*" alone; none means no cross-origin access
	// TokenCookies let pages of the API's own origin and of CORSOrigins keep refresh tokens in cookies.
	TokenCookies bool
	// InsecureCookies are sent over HTTP, too: for development.
	InsecureCookies bool
	TrustedProxies  []netip.Prefix
	DocsEnabled     bool
	// Metrics count requests; nil counts none.
	Metrics *telemetry.Metrics
	// Tracing traces requests; nil traces none.
	Tracing *telemetry.Tracing
	// RateLimits limit requests; nil does not.
	RateLimits *httpkit.RateLimits
	// PasswordMinLength replaces the minLength of new passwords if it is greater.
	PasswordMinLength int
	// RequireVerifiedEmail refuses accounts with an unverified e-mail, except in operations with
	// x-allow-unverified.
	RequireVerifiedEmail bool
	// RequestTimeout bounds requests of operations without x-timeout; 0 means 10 seconds.
	RequestTimeout time.Duration
	// StreamCheck is the interval at which the session of a stream is checked; 0 means 10 seconds.
	StreamCheck time.Duration
	// StreamsPerCaller is the limit of concurrent streams of an account, or of a network if they
	// are public; 0 means 10.
	StreamsPerCaller int
	// MaxStreams is the limit of all concurrent streams; 0 means 1,024.
	MaxStreams int
	// Stopping is closed when the server stops, and ends streams; nil ends none.
	Stopping <-chan struct{}
}

// handlers is the strict server: a method for each operation, in the file of its noun.
type handlers struct {
	domain.Services

	health Health
}

var _ api.StrictServerInterface = (*handlers)(nil)

// Server holds what the API is made of. [New] is what a service needs; a Server lets benchmarks leave
// out a line of the middleware.
type Server struct {
	deps     Dependencies
	options  Options
	contract *apispec.Contract
	checker  *reqcheck.Checker
	limits   *httpkit.Limits
	auth     *authenticator
	failures *httpkit.Errors
	proxies  httpkit.Proxies
	routes   *httpkit.Routes
	docs     []string // paths of the documentation
}

// New returns the HTTP API. It returns an error if a dependency is missing, if the contract leaves
// open who may call an operation, or if a route is not in the contract.
func New(deps Dependencies, options Options) (http.Handler, error) {
	s, err := NewServer(deps, options)
	if err != nil {
		return nil, err
	}
	return s.Handler(s.Middleware()...)
}

// NewServer returns the parts of New.
func NewServer(deps Dependencies, options Options) (*Server, error) {
	spec, err := api.GetSpec()
	if err != nil {
		return nil, fmt.Errorf("loading the contract: %w", err)
	}
	// The contract has the lowest minLength that an operator can set. Validation reports the one in
	// force.
	if schema := spec.Components.Schemas["NewPassword"]; schema != nil {
		schema.Value.MinLength = max(schema.Value.MinLength, uint64(options.PasswordMinLength)) //nolint:gosec // a setting
	}
	return newServer(spec, deps, options)
}

func newServer(spec *openapi3.T, deps Dependencies, options Options) (*Server, error) {
	if err := checkComplete(deps); err != nil {
		return nil, err
	}
	rules := apispec.Rules{Roles: apicontract.Roles(), RateClasses: apicontract.RateClasses()}
	contract, err := apispec.New(spec, rules)
	if err != nil {
		return nil, err
	}
	checker, err := reqcheck.Compile(contract)
	if err != nil {
		return nil, err
	}
	classes := httpkit.RateClasses{Unlimited: apicontract.UnlimitedRateClasses(), Guessable: expensive()}
	limits, err := httpkit.NewLimits(contract, options.RateLimits, classes)
	if err != nil {
		return nil, err
	}
	table := apicontract.Problems()
	s := &Server{
		deps: deps, options: options, contract: contract, checker: checker, limits: limits,
		auth: newAuthenticator(deps.Sessions, limits, deps.Now, options.RequireVerifiedEmail),
		failures: &httpkit.Errors{
			Table: table, Translate: translate, Expected: []string{apicontract.CodeNotReady},
			Logger: deps.Logger, Reporter: deps.Reporter,
		},
		proxies: options.TrustedProxies, routes: &httpkit.Routes{},
	}
	if options.DocsEnabled {
		s.docs = apidocs.Paths()
	}
	return s, table.Check()
}

// Middleware returns the chain from the outermost to the innermost. Errors travel outwards to
// AccessLog, which writes them.
func (s *Server) Middleware() []echo.MiddlewareFunc {
	c, d, o := s.contract, s.deps, s.options
	return []echo.MiddlewareFunc{
		httpkit.RequestID(d.IDs),                           // first: the logs of all others have the id
		httpkit.Measure(c, o.Metrics, s.docs, d.Now),       // sees the final status, also of panics
		httpkit.Trace(c, s.proxies, o.Tracing, d.Reporter), // as above; what follows is in the trace
		httpkit.AccessLog(d.Logger, d.Now),                 // as above
		httpkit.Recover(),                                  // what follows may panic
		httpkit.SecurityHeaders(s.proxies),                 // on every response, also on errors
		httpkit.CloseChunked,                               // as above
		httpkit.CORS(c, o.CORSOrigins, o.TokenCookies),     // before Authenticate: preflights have no token
		httpkit.Compress(c),                                // outside of Authenticate: its errors have Vary, too
		httpkit.Deadline(c, o.RequestTimeout),              // bounds everything that waits
		httpkit.AnnounceRetirement(c),                      // also on errors
		s.routes.Announce,                                  // as above
		logUnreadableHashes(d.Logger),                      // sees the errors of handlers
		httpkit.LimitNetworks(c, s.limits),                 // before any work for callers without an account
		httpkit.Shed(c, s.shedding()),                      // before tokens and bodies are parsed
		httpkit.Authenticate(c, s.auth.authenticate),       // before the body is read
		httpkit.Streams(c, s.streamOptions()),              // after Authenticate: more time only with access
		httpkit.ConditionalReads(c),                        // on responses as if without preconditions
		httpkit.Validate(c, s.checker),                     // handlers see only valid requests
		s.tokenCookies().Middleware(c),                     // last: of those that ask for cookies, not forged ones
	}
}

// Handler returns the router with all routes behind a chain.
func (s *Server) Handler(middleware ...echo.MiddlewareFunc) (*echo.Echo, error) {
	e := echo.New()
	e.Binder = httpkit.Binder{}
	e.HTTPErrorHandler = s.failures.Handle
	e.IPExtractor = s.proxies.ClientIP
	e.Pre(httpkit.RouteEscaped)
	e.Use(httpkit.Chain(middleware...))
	strict := api.NewStrictHandler(&handlers{s.deps.Services, s.deps.Health}, nil)
	api.RegisterHandlers(httpkit.HeadRouter{Echo: e}, strict)
	if s.options.DocsEnabled {
		httpkit.ServeDocs(e, documentation)
	}
	return e, s.routes.Complete(e, s.contract, s.docs...)
}

// documentation builds the files of the documentation from the published contract.
func documentation() (map[string]apidocs.File, error) {
	contract, err := contractapi.Published()
	if err != nil {
		return nil, err
	}
	return apidocs.Files(contract)
}

// expensive returns the rate classes of operations that may hash a password.
func expensive() []string {
	return []string{apicontract.RateClassCredentials, apicontract.RateClassDisclosing}
}

func (s *Server) shedding() httpkit.Shedding {
	return httpkit.Shedding{
		Classes: expensive(), IsFull: s.deps.Sessions.Shed, Error: domain.ErrOverloaded, Now: s.deps.Now,
	}
}

func (s *Server) streamOptions() httpkit.StreamOptions {
	return httpkit.StreamOptions{
		PerCaller: s.options.StreamsPerCaller, Max: s.options.MaxStreams, Check: s.options.StreamCheck,
		Authorize: s.auth.authorizeStream, Stopping: s.options.Stopping, Now: s.deps.Now,
	}
}

// checkComplete returns an error if a dependency of handlers is missing. They would panic.
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

// Health is what the health operations report.
type Health struct {
	Name    string
	Version string
	// Ready returns what does not work although the service can serve traffic. Otherwise it returns a
	// not_ready error that says what is missing.
	Ready func(ctx context.Context) (degraded []string, err error)
}

func (h *handlers) GetHealth(context.Context, api.GetHealthRequestObject) (api.GetHealthResponseObject, error) {
	return api.GetHealth200JSONResponse{Status: api.HealthStatusOk, Name: h.health.Name, Version: h.health.Version}, nil
}

func (h *handlers) GetReadiness(
	ctx context.Context, _ api.GetReadinessRequestObject,
) (api.GetReadinessResponseObject, error) {
	degraded, err := h.health.Ready(ctx)
	if err != nil {
		return nil, err
	}
	status := api.ReadinessStatusReady
	if len(degraded) > 0 {
		status = api.ReadinessStatusDegraded
	}
	return api.GetReadiness200JSONResponse{Status: status, Degraded: degraded}, nil
}
