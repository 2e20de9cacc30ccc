package serving_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"example.com/plinth/internal/pgtest"
)

func TestRateLimitsUseRedis(t *testing.T) {
	t.Parallel()
	redis := miniredis.RunT(t)
	s := start(t, settings(t, pgtest.URL(t), map[string]string{"REDIS_URL": "redis://" + redis.Addr()}))
	s.Log.Await(t, "ready")
	// If Redis answers too late, as on a busy machine, the server counts a request by itself.
	for begin := time.Now(); len(redis.Keys()) == 0 && time.Since(begin) < time.Minute; {
		if status, body := s.get(t, "/api/v1/users/me"); status != http.StatusUnauthorized {
			t.Fatalf("got %d: %s", status, body)
		}
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
	s.Log.Await(t, "ready")
	for _, want := range []int{401, 401, 429} {
		if status, body := s.get(t, "/api/v1/users/me"); status != want {
			t.Errorf("got %d, want %d: %s", status, want, body)
		}
	}
	s.Log.Await(t, "redis does not answer, each replica counts requests by itself")
	if strings.Contains(s.Log.String(), "hunter2") {
		t.Error("the password of Redis is in the log")
	}
}
