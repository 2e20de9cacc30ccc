package httpkit

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"example.com/plinth/kit/apispec"
	"example.com/plinth/kit/clientnet"
	"example.com/plinth/kit/problem"
	"example.com/plinth/kit/ratelimit"
)

// RateLimits are the limits of requests. A nil *RateLimits limits nothing.
type RateLimits struct {
	Limiter *ratelimit.Limiter
	Rates   map[string]ratelimit.Rate // of each rate class in the contract, except Unlimited
}

// RateClasses are the classes with special rules.
type RateClasses struct {
	// Unlimited is for health checks: a throttled probe looks like an outage.
	Unlimited []string
	// Guessable are the classes in which requests may guess secrets. They are also counted by
	// network, and by wider networks, because an attacker may have many accounts and addresses.
	Guessable []string
}

// Limits counts requests. A nil one counts nothing.
type Limits struct {
	limiter   *ratelimit.Limiter
	byName    map[string]*rateClass // without Unlimited
	guessable []string
}

// NewLimits returns an error if a class in the contract has no rate.
func NewLimits(contract *apispec.Contract, limits *RateLimits, classes RateClasses) (*Limits, error) {
	if limits == nil {
		return nil, nil //nolint:nilnil // see Limits
	}
	l := &Limits{limiter: limits.Limiter, byName: map[string]*rateClass{}, guessable: classes.Guessable}
	for _, op := range contract.Operations() {
		if slices.Contains(classes.Unlimited, op.RateClass) || l.byName[op.RateClass] != nil {
			continue
		}
		rate, ok := limits.Rates[op.RateClass]
		if !ok || rate.Requests < 1 || rate.Interval() <= 0 {
			return nil, fmt.Errorf("the class %s of %s has no rate", op.RateClass, op.ID)
		}
		l.byName[op.RateClass] = newRateClass(op.RateClass, rate)
	}
	return l, nil
}

// LimitNetworks counts requests by network: those of public operations before they are served, and
// those of others if they fail before CountAccount, with a bad token or none. The latter are
// counted afterwards: counting first would let one stale token lock out its whole address.
func LimitNetworks(contract *apispec.Contract, limits *Limits) echo.MiddlewareFunc {
	if limits == nil {
		return pass
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(ctx echo.Context) error {
			op := operationOf(contract, ctx)
			if op == nil || limits.byName[op.RateClass] == nil {
				return next(ctx)
			}
			if op.IsPublic() {
				if err := limits.countNetwork(ctx, op); err != nil {
					return err
				}
				return next(ctx)
			}
			err := next(ctx)
			if err == nil || CallerOf(ctx.Request().Context()).isCounted {
				return err
			}
			if limited := limits.countNetwork(ctx, op); limited != nil {
				return limited
			}
			return err
		}
	}
}

// CountAccount counts a request by account and, in a guessable class, by network. It returns a
// problem if there are no requests left.
func (l *Limits) CountAccount(ctx echo.Context, op *apispec.Operation, account string) error {
	class := l.classOf(op)
	if class == nil {
		return nil
	}
	own := counter{ratelimit.Key{Account: account}, class.rate}
	if l.isGuessable(op) {
		return l.count(ctx, class, append(l.networksOf(ctx, op, class), own)...)
	}
	return l.count(ctx, class, own)
}

func (l *Limits) countNetwork(ctx echo.Context, op *apispec.Operation) error {
	class := l.classOf(op)
	return l.count(ctx, class, l.networksOf(ctx, op, class)...)
}

// classOf returns nil if the operation is not limited.
func (l *Limits) classOf(op *apispec.Operation) *rateClass {
	if l == nil {
		return nil
	}
	return l.byName[op.RateClass]
}

func (l *Limits) isGuessable(op *apispec.Operation) bool {
	return slices.Contains(l.guessable, op.RateClass)
}

// counter is a key that requests are counted by, and its rate.
type counter struct {
	key  ratelimit.Key
	rate ratelimit.Rate
}

// networksOf returns the network of a client and, in a guessable class, the wider ones.
func (l *Limits) networksOf(ctx echo.Context, op *apispec.Operation, class *rateClass) []counter {
	ip := CallerOf(ctx.Request().Context()).IP
	networks := []counter{{ratelimit.Key{Network: clientnet.Of(ip)}, class.rate}}
	if !l.isGuessable(op) {
		return networks
	}
	for _, wider := range clientnet.Around(ip) {
		rate := class.rate
		rate.Requests = min(rate.Requests*wider.Percent/100, int(rate.Window/time.Microsecond)) // see ratelimit.Rate
		networks = append(networks, counter{ratelimit.Key{Network: wider.Prefix}, rate})
	}
	return networks
}

var errRateLimited = &problem.Problem{Code: problem.CodeRateLimited, Detail: "Too many requests. Try again later."}

// count counts a request by each counter, up to the first that has no requests left. The headers
// describe the counter with the fewest.
func (l *Limits) count(ctx echo.Context, class *rateClass, counters ...counter) error {
	CallerOf(ctx.Request().Context()).isCounted = true
	fewest := ratelimit.Decision{Allowed: true, Remaining: class.rate.Requests}
	for _, c := range counters {
		c.key.Class = class.name
		decision := l.limiter.Take(ctx.Request().Context(), c.key, c.rate)
		if !decision.Allowed || decision.Remaining < fewest.Remaining {
			fewest = decision
		}
		if !decision.Allowed {
			break
		}
	}
	header := ctx.Response().Header() // shared by all responses; Set would allocate
	header[headerRateLimitPolicy] = class.policy
	header[headerRateLimit] = class.remaining(fewest.Remaining)
	if !fewest.Allowed {
		return errRateLimited.After(fewest.RetryAfter)
	}
	return nil
}

// The headers of draft-ietf-httpapi-ratelimit-headers, as net/http spells them.
const (
	headerRateLimit       = "Ratelimit"
	headerRateLimitPolicy = "Ratelimit-Policy"
)

// rateClass is a rate class with its headers, which every response has.
type rateClass struct {
	name   string
	rate   ratelimit.Rate
	policy []string   // RateLimit-Policy
	left   [][]string // RateLimit, by the number of requests that are left
}

// maxCachedHeaders is the limit of headers that are made beforehand. High rates make theirs with
// each response.
const maxCachedHeaders = 1000

func newRateClass(name string, rate ratelimit.Rate) *rateClass {
	class := &rateClass{name: name, rate: rate}
	class.policy = []string{fmt.Sprintf(`%q;q=%d;w=%d`, name, rate.Requests, int(rate.Window.Seconds()))}
	if rate.Requests <= maxCachedHeaders {
		for left := range rate.Requests + 1 {
			class.left = append(class.left, class.header(left))
		}
	}
	return class
}

func (c *rateClass) remaining(left int) []string {
	if left < len(c.left) {
		return c.left[left]
	}
	return c.header(left)
}

// header returns the number of requests that are left, and the seconds until all are available
// again.
func (c *rateClass) header(left int) []string {
	missing := time.Duration(c.rate.Requests-left) * c.rate.Interval()
	reset := (missing + time.Second - 1) / time.Second
	return []string{`"` + c.name + `";r=` + strconv.Itoa(left) + ";t=" + strconv.Itoa(int(reset))}
}
