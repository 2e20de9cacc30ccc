package httpapi

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"example.com/plinth/gen/apicontract"
	"example.com/plinth/kit/problem"
	"example.com/plinth/kit/ratelimit"
)

// RateLimits say how often callers may call.
type RateLimits struct {
	Limiter *ratelimit.Limiter
	Rates   map[string]ratelimit.Rate // of each class of operations in the contract; health has none
}

// The headers of draft-ietf-httpapi-ratelimit-headers, as net/http spells them.
const (
	headerRateLimit       = "Ratelimit"
	headerRateLimitPolicy = "Ratelimit-Policy"
)

var errRateLimited = &problem.Problem{Code: problem.CodeRateLimited, Detail: "Too many requests. Try again later."}

// rateClass is a class of operations with all that its answers may say of its rate: they are written with every answer,
// so they are made once.
type rateClass struct {
	name   string
	rate   ratelimit.Rate
	policy []string   // the header RateLimit-Policy
	left   [][]string // the header RateLimit, by how many requests are left
}

// maxReadyHeaders bounds the headers that are made beforehand; generous rates make theirs with each answer.
const maxReadyHeaders = 1000

func newRateClass(name string, rate ratelimit.Rate) *rateClass {
	class := &rateClass{name: name, rate: rate}
	class.policy = []string{fmt.Sprintf(`%q;q=%d;w=%d`, name, rate.Requests, int(rate.Window.Seconds()))}
	if rate.Requests <= maxReadyHeaders {
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

// header says how many requests are left and in how many seconds, at most, all of them are back.
func (c *rateClass) header(left int) []string {
	missing := time.Duration(c.rate.Requests-left) * c.rate.Interval()
	back := (missing + time.Second - 1) / time.Second
	return []string{`"` + c.name + `";r=` + strconv.Itoa(left) + ";t=" + strconv.Itoa(int(back))}
}

// limits counts requests; a nil one counts nothing.
type limits struct{ limiter *ratelimit.Limiter }

// newLimits gives every operation its class. It fails if a class has no rate.
func newLimits(c *contract, options *RateLimits) (*limits, error) {
	if options == nil {
		return nil, nil //nolint:nilnil // see limits
	}
	classes := map[string]*rateClass{}
	for _, op := range c.operations {
		if slices.Contains(apicontract.UnlimitedRateClasses(), op.RateClass) {
			continue
		}
		if classes[op.RateClass] == nil {
			rate, ok := options.Rates[op.RateClass]
			if !ok || rate.Requests < 1 || rate.Interval() <= 0 {
				return nil, fmt.Errorf("the class %s of %s has no rate", op.RateClass, op.ID)
			}
			classes[op.RateClass] = newRateClass(op.RateClass, rate)
		}
		op.limit = classes[op.RateClass]
	}
	return &limits{options.Limiter}, nil
}

// counted is what a request is counted against, and how often that may call.
type counted struct {
	key  ratelimit.Key
	rate ratelimit.Rate
}

// byAccount counts a request against the account of its token. Where many accounts of one attacker would multiply the
// guesses at passwords and e-mails, it counts against the network too, as public operations of the class do.
func (l *limits) byAccount(ctx echo.Context, op *operation, account string) error {
	if l == nil || op.limit == nil {
		return nil
	}
	own := counted{ratelimit.Key{Account: account}, op.limit.rate}
	if op.mayHash() {
		return l.count(ctx, op, append(networksOf(ctx, op), own)...)
	}
	return l.count(ctx, op, own)
}

// byNetwork counts a request against where it comes from.
func (l *limits) byNetwork(ctx echo.Context, op *operation) error {
	if l == nil || op.limit == nil {
		return nil
	}
	return l.count(ctx, op, networksOf(ctx, op)...)
}

// networksOf returns the network of a client and, where guesses are limited, the wider ones, with a higher rate.
func networksOf(ctx echo.Context, op *operation) []counted {
	client := clientFrom(ctx.Request().Context())
	networks := []counted{{ratelimit.Key{Network: client.Network()}, op.limit.rate}}
	if !op.mayHash() {
		return networks
	}
	for _, wider := range client.WiderNetworks() {
		rate := op.limit.rate
		// No more than one in a microsecond, see [ratelimit.Rate].
		rate.Requests = min(rate.Requests*wider.Percent/100, int(rate.Window/time.Microsecond))
		networks = append(networks, counted{ratelimit.Key{Network: wider.Prefix}, rate})
	}
	return networks
}

// count counts a request against each, up to the first that refuses it. The answer tells of the one with the least left.
func (l *limits) count(ctx echo.Context, op *operation, all ...counted) error {
	least := ratelimit.Decision{Allowed: true, Remaining: op.limit.rate.Requests}
	for _, c := range all {
		c.key.Class = op.limit.name
		decision := l.limiter.Take(ctx.Request().Context(), c.key, c.rate)
		if !decision.Allowed || decision.Remaining < least.Remaining {
			least = decision
		}
		if !decision.Allowed {
			break
		}
	}
	// Not with Set: these are shared by all answers, and Set would allocate.
	header := ctx.Response().Header()
	header[headerRateLimitPolicy] = op.limit.policy
	header[headerRateLimit] = op.limit.remaining(least.Remaining)
	if !least.Allowed {
		return errRateLimited.After(least.RetryAfter)
	}
	return nil
}

// limitStrangers counts requests by where they come from: those of public operations before anything is done for them,
// and those that end before it is known who sent them, with bad tokens or none. The latter are counted afterwards: with
// them counted out before, one client with an old token could lock out all who share its address. What they cost until
// then is a look at the token.
//
// Whoever has a token of ours is counted by authenticate.
func limitStrangers(c *contract, l *limits) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if l == nil {
			return next
		}
		return func(ctx echo.Context) error {
			op := c.operation(ctx)
			if op == nil || op.limit == nil {
				return next(ctx)
			}
			if op.IsPublic() {
				if err := l.byNetwork(ctx, op); err != nil {
					return err
				}
				return next(ctx)
			}
			err := next(ctx)
			if _, counted := ctx.Response().Header()[headerRateLimit]; err == nil || counted {
				return err
			}
			if limited := l.byNetwork(ctx, op); limited != nil {
				return limited
			}
			return err
		}
	}
}
