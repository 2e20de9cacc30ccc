// Package testapi composes the middleware of the kit to a server, for the tests of the kit.
package testapi

import (
	"cmp"
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"example.com/plinth/kit/apispec"
	"example.com/plinth/kit/auth"
	"example.com/plinth/kit/httpkit"
	"example.com/plinth/kit/idgen"
	"example.com/plinth/kit/problem"
	"example.com/plinth/kit/reqcheck"
	"example.com/plinth/kit/telemetry"
)

// Options configure a server. Now, Contract and Register are required.
type Options struct {
	Now      func() time.Time
	Contract []byte // in YAML or JSON
	Register func(httpkit.HeadRouter)
	Problems problem.Table // in addition to those of the protocol
	Accounts *Accounts

	CORSOrigins    []string
	RequestTimeout time.Duration
	Streams        httpkit.StreamOptions // without Authorize and Now
	RateLimits     *httpkit.RateLimits
	Logger         *slog.Logger
}

// New returns a server with all middleware.
func New(options Options) (http.Handler, error) {
	spec, err := openapi3.NewLoader().LoadFromData(options.Contract)
	if err != nil {
		return nil, err
	}
	contract, err := apispec.New(spec, Rules())
	if err != nil {
		return nil, err
	}
	checker, err := reqcheck.Compile(contract)
	if err != nil {
		return nil, err
	}
	limits, err := httpkit.NewLimits(contract, options.RateLimits, httpkit.RateClasses{Unlimited: []string{"health"}, Guessable: expensive()})
	if err != nil {
		return nil, err
	}
	reporter, err := telemetry.NewSentry(telemetry.SentryOptions{})
	if err != nil {
		return nil, err
	}
	accounts := cmp.Or(options.Accounts, &Accounts{})
	logger := cmp.Or(options.Logger, telemetry.NewLogger(io.Discard, telemetry.LoggerOptions{}))
	options.Streams.Authorize, options.Streams.Now = accounts.authorize, options.Now
	var proxies httpkit.Proxies
	routes := &httpkit.Routes{}

	e := echo.New()
	e.Binder = httpkit.Binder{}
	e.HTTPErrorHandler = newErrors(options.Problems, logger, reporter).Handle
	e.IPExtractor = proxies.ClientIP
	e.Pre(httpkit.RouteEscaped)
	e.Use(httpkit.Chain(
		httpkit.RequestID(idgen.New(options.Now, rand.Reader)),
		httpkit.AccessLog(logger, options.Now),
		httpkit.Recover(),
		httpkit.SecurityHeaders(proxies),
		httpkit.CloseChunked,
		httpkit.CORS(contract, options.CORSOrigins, false),
		httpkit.Compress(contract),
		httpkit.Deadline(contract, options.RequestTimeout),
		httpkit.AnnounceRetirement(contract),
		routes.Announce,
		httpkit.LimitNetworks(contract, limits),
		httpkit.Authenticate(contract, func(ctx echo.Context, op *apispec.Operation) (httpkit.Identity, error) {
			return accounts.authenticate(ctx, op, limits)
		}),
		httpkit.Streams(contract, options.Streams),
		httpkit.ConditionalReads(contract),
		httpkit.Validate(contract, checker),
	))
	options.Register(httpkit.HeadRouter{Echo: e})
	return e, routes.Complete(e, contract)
}

// Rules are the rules of contracts in the tests of the kit.
func Rules() apispec.Rules {
	return apispec.Rules{
		Roles:       []string{"user", "admin"},
		RateClasses: append(expensive(), "health", "read", "write", "session"),
	}
}

func expensive() []string { return []string{"credentials", "disclosing"} }

func newErrors(more problem.Table, logger *slog.Logger, reporter *telemetry.Sentry) *httpkit.Errors {
	table := Problems()
	maps.Copy(table, more)
	return &httpkit.Errors{
		Table: table, Translate: func(error) (*problem.Problem, bool) { return nil, false }, Logger: logger, Reporter: reporter,
	}
}

// Problems returns the table of the server.
func Problems() problem.Table {
	return problem.Table{
		problem.CodeMalformedRequest:     {Status: http.StatusBadRequest, Title: "Malformed request"},
		codeUnauthenticated:              {Status: http.StatusUnauthorized, Title: "Authentication required", Challenge: challenge},
		codeInvalidToken:                 {Status: http.StatusUnauthorized, Title: "Invalid access token", Challenge: challenge + `, error="invalid_token"`},
		codeForbidden:                    {Status: http.StatusForbidden, Title: "Forbidden", Challenge: challenge + `, error="insufficient_scope"`},
		problem.CodeRouteNotFound:        {Status: http.StatusNotFound, Title: "Not found"},
		problem.CodeMethodNotAllowed:     {Status: http.StatusMethodNotAllowed, Title: "Method not allowed"},
		problem.CodePreconditionFailed:   {Status: http.StatusPreconditionFailed, Title: "Precondition failed"},
		problem.CodeRequestTimeout:       {Status: http.StatusRequestTimeout, Title: "Request timeout"},
		problem.CodeBodyTooLarge:         {Status: http.StatusRequestEntityTooLarge, Title: "Body too large"},
		problem.CodeUnsupportedMediaType: {Status: http.StatusUnsupportedMediaType, Title: "Unsupported media type"},
		problem.CodeRangeNotSatisfiable:  {Status: http.StatusRequestedRangeNotSatisfiable, Title: "Range not satisfiable"},
		problem.CodeValidationFailed:     {Status: http.StatusUnprocessableEntity, Title: "Validation failed"},
		problem.CodeRateLimited:          {Status: http.StatusTooManyRequests, Title: "Too many requests", RetryAfter: time.Second},
		problem.CodeInternalError:        {Status: http.StatusInternalServerError, Title: "Internal error"},
		problem.CodeOverloaded:           {Status: http.StatusServiceUnavailable, Title: "Overloaded", RetryAfter: 2 * time.Second},
		problem.CodeUnavailable:          {Status: http.StatusServiceUnavailable, Title: "Unavailable", RetryAfter: time.Second},
	}
}

// The problems of authentication.
const (
	codeUnauthenticated = "unauthenticated"
	codeInvalidToken    = "invalid_token"
	codeForbidden       = "forbidden"

	challenge = `Bearer realm="api"`
)

var (
	errUnauthenticated = &problem.Problem{Code: codeUnauthenticated, Detail: "Send an access token."}
	errInvalidToken    = &problem.Problem{Code: codeInvalidToken, Detail: "The access token is invalid, or its " +
		"session has ended."}
	errForbidden = &problem.Problem{Code: codeForbidden, Detail: "Your role does not permit this."}
)

// Accounts are accounts in memory with a token each.
type Accounts struct {
	mu    sync.Mutex
	roles map[string]string // by token
}

// Add returns the token of a new account with a role. The account is named as the token.
func (a *Accounts) Add(role string) (token string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.roles == nil {
		a.roles = map[string]string{}
	}
	token = strings.ToLower(rand.Text())
	a.roles[token] = role
	return token
}

// End ends the session of an account.
func (a *Accounts) End(token string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.roles, token)
}

func (a *Accounts) role(token string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.roles[token]
}

func (a *Accounts) authenticate(ctx echo.Context, op *apispec.Operation, limits *httpkit.Limits) (httpkit.Identity, error) {
	if op.IsPublic() {
		return httpkit.Identity{}, nil
	}
	token, err := auth.ParseBearer(ctx.Request().Header.Values("Authorization"))
	if err != nil {
		return httpkit.Identity{}, errUnauthenticated.Because(err)
	}
	if err := limits.CountAccount(ctx, op, token); err != nil {
		return httpkit.Identity{}, err
	}
	return httpkit.Identity{Account: token}, a.check(token, op)
}

// authorize checks the caller of a stream.
func (a *Accounts) authorize(ctx context.Context, op *apispec.Operation) error {
	return a.check(httpkit.CallerOf(ctx).Account, op)
}

func (a *Accounts) check(token string, op *apispec.Operation) error {
	switch role := a.role(token); {
	case role == "":
		return errInvalidToken
	case !slices.Contains([]string{op.Role, "admin"}, role):
		return errForbidden
	}
	return nil
}
