package ratelimit

import (
	"cmp"
	"context"
	_ "embed" // the script
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/redis/go-redis/extra/redisotel/v9"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"go.opentelemetry.io/otel/trace"
)

// ErrRedisURL is the error of an invalid URL. It does not quote the URL, which may hold a password.
var ErrRedisURL = errors.New(
	"invalid URL of Redis: want redis://user:password@host:port/database without other parameters")

//go:embed take.lua
var takeScript string

// defaultTimeout leaves a part of the tenth of a second that [Limiter.Take] may take.
const defaultTimeout = 75 * time.Millisecond

// RedisOptions tune a Redis; the zero value works.
type RedisOptions struct {
	// Prefix starts all keys, so that services can share a Redis.
	Prefix string
	// Timeout bounds a call of [Redis.Take]; 0 means 75 milliseconds.
	Timeout time.Duration
	// Tracing, if set, records a span per call. Spans hold no key, because keys hold addresses.
	Tracing trace.TracerProvider
}

// Redis counts in Redis, on its clock, in one round trip per request.
type Redis struct {
	client  *redis.Client
	script  *redis.Script
	prefix  string
	timeout time.Duration
}

// OpenRedis returns a client, which connects on first use, so an unreachable server is no error. It
// fails with ErrRedisURL.
func OpenRedis(url string, opts RedisOptions) (*Redis, error) {
	options, err := redis.ParseURL(url)
	if err != nil {
		return nil, ErrRedisURL
	}
	timeout := cmp.Or(opts.Timeout, defaultTimeout)
	options.ContextTimeoutEnabled = true // the timeout bounds all steps together
	options.DialTimeout, options.ReadTimeout, options.WriteTimeout = timeout, timeout, timeout
	options.DialerRetries, options.MaxRetries = 1, -1 // the next request retries
	options.DisableIdentity = true
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	redis.SetLogger(silence{}) // the caller logs errors
	client := redis.NewClient(options)
	if opts.Tracing != nil {
		err := redisotel.InstrumentTracing(client, redisotel.WithTracerProvider(opts.Tracing),
			redisotel.WithDBStatement(false), redisotel.WithCallerEnabled(false), redisotel.WithDialFilter(true))
		if err != nil {
			return nil, errors.Join(err, client.Close())
		}
	}
	return &Redis{
		client: client, script: redis.NewScript(takeScript), prefix: opts.Prefix, timeout: timeout,
	}, nil
}

// Take counts a request. It fails if Redis does not answer within the timeout.
func (r *Redis) Take(ctx context.Context, key Key, rate Rate) (Decision, error) {
	// The result opens or closes the breaker for all requests, so the cancellation of this one must
	// not end the call.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.timeout)
	defer cancel()
	keys, interval := []string{r.name(key)}, rate.Interval().Microseconds()
	result, err := r.script.Run(ctx, r.client, keys, interval, rate.Requests).Int64Slice()
	if err != nil {
		return Decision{}, fmt.Errorf("asking Redis: %w", err)
	}
	if len(result) != 3 {
		return Decision{}, errors.New("asking Redis: unexpected result of the script")
	}
	return Decision{
		Allowed: result[0] == 1, Remaining: int(result[1]), RetryAfter: time.Duration(result[2]) * time.Microsecond,
	}, nil
}

// Close closes all connections.
func (r *Redis) Close() error { return r.client.Close() }

func (r *Redis) name(key Key) string {
	if key.Account != "" {
		return r.prefix + key.Class + ":account:" + key.Account
	}
	if key.Network == (netip.Prefix{}) {
		return r.prefix + key.Class + ":unknown"
	}
	return r.prefix + key.Class + ":network:" + key.Network.String()
}

type silence struct{}

func (silence) Printf(context.Context, string, ...any) {}
