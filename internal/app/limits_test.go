package app_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"

	"example.com/plinth/internal/app"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/ratelimit"
)

func TestRateLimitsUseRedis(t *testing.T) {
	t.Parallel()
	redis := miniredis.RunT(t)
	s := start(t, settings(t, pgtest.URL(t), map[string]string{"REDIS_URL": "redis://" + redis.Addr()}))
	s.log.await(t, "ready")
	if status, body := s.get(t, "/api/v1/users/me"); status != http.StatusUnauthorized {
		t.Errorf("got %d: %s", status, body)
	}
	if keys := redis.Keys(); len(keys) != 1 || keys[0] != "Plinth:ratelimit:read:network:127.0.0.1/32" {
		t.Errorf("the keys are %q", keys)
	}
}

func TestRateLimitsWithoutRedis(t *testing.T) {
	t.Parallel()
	redis := miniredis.RunT(t)
	address := redis.Addr()
	redis.Close()
	s := start(t, settings(t, pgtest.URL(t), map[string]string{
		"REDIS_URL": "redis://:hunter2@" + address, "RATE_LIMIT_READ": "2/1h",
	}))
	s.log.await(t, "ready")
	for _, want := range []int{401, 401, 429} {
		if status, body := s.get(t, "/api/v1/users/me"); status != want {
			t.Errorf("got %d, want %d: %s", status, want, body)
		}
	}
	s.log.await(t, "redis does not answer, each replica counts requests by itself")
	if strings.Contains(s.log.String(), "hunter2") {
		t.Error("the password of Redis is in the log")
	}
}

func TestInvalidRedisURL(t *testing.T) {
	t.Parallel()
	cfg := settings(t, "postgres://u:p@localhost/d", map[string]string{
		"REDIS_URL": "redis://:hunter2@localhost/0?unknown=1",
	})
	_, err := app.Build(t.Context(), cfg, app.Options{Log: io.Discard})
	if !errors.Is(err, ratelimit.ErrRedisURL) || !strings.Contains(err.Error(), "REDIS_URL") ||
		strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}
