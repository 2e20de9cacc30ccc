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

// ErrRedisURL means that a URL does not say how to reach a Redis. It holds nothing of the URL, where a password may be.
var ErrRedisURL = errors.New("the URL of Redis cannot be used: want redis://user:password@host:port/database without other parameters")

//go:embed take.lua
var takeScript string

// defaultPatience leaves some of the tenth of a second that finding out may take.
const defaultPatience = 75 * time.Millisecond

// RedisOptions tune a Redis; the zero value works.
type RedisOptions struct {
	// Prefix begins all keys, so that services can share a Redis.
	Prefix string
	// Patience is the most that a request waits for an answer; 0 means 75 milliseconds.
	Patience time.Duration
	// Tracing, if set, gets a span for every question. Spans hold no key, because addresses are in them.
	Tracing trace.TracerProvider
}

// Redis counts in a Redis, by its clock, in one round trip a request.
type Redis struct {
	client   *redis.Client
	script   *redis.Script
	prefix   string
	patience time.Duration
}

// OpenRedis prepares a client. Connections are made when they are needed, so an unreachable server is no error here. It
// fails with ErrRedisURL.
func OpenRedis(url string, opts RedisOptions) (*Redis, error) {
	options, err := redis.ParseURL(url)
	if err != nil {
		return nil, ErrRedisURL
	}
	patience := cmp.Or(opts.Patience, defaultPatience)
	options.ContextTimeoutEnabled = true // patience is the limit, whatever it is spent on
	options.DialTimeout, options.ReadTimeout, options.WriteTimeout = patience, patience, patience
	options.DialerRetries, options.MaxRetries = 1, -1 // whoever asks again is the next request
	options.DisableIdentity = true
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	redis.SetLogger(silence{}) // all that goes wrong comes back as an error, and is logged as ours
	client := redis.NewClient(options)
	if opts.Tracing != nil {
		err := redisotel.InstrumentTracing(client, redisotel.WithTracerProvider(opts.Tracing),
			redisotel.WithDBStatement(false), redisotel.WithCallerEnabled(false), redisotel.WithDialFilter(true))
		if err != nil {
			return nil, errors.Join(err, client.Close())
		}
	}
	return &Redis{
		client: client, script: redis.NewScript(takeScript), prefix: opts.Prefix, patience: patience,
	}, nil
}

// Take counts a request, or fails if Redis does not answer in time.
func (r *Redis) Take(ctx context.Context, key Key, rate Rate) (Decision, error) {
	// The answer of Redis matters to others too, so a client who hangs up does not end the question.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.patience)
	defer cancel()
	result, err := r.script.Run(ctx, r.client, []string{r.name(key)}, rate.Interval().Microseconds(), rate.Requests).Int64Slice()
	if err != nil {
		return Decision{}, fmt.Errorf("asking Redis: %w", err)
	}
	if len(result) != 3 {
		return Decision{}, errors.New("asking Redis: the script was changed")
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
