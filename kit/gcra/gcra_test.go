package gcra_test

import (
	"testing"
	"time"

	"example.com/plinth/kit/gcra"
)

func TestTake(t *testing.T) {
	t.Parallel()
	rate := gcra.Rate{Requests: 2, Window: time.Minute}
	var full time.Duration
	for i, step := range []struct {
		at   time.Duration
		want gcra.Decision
	}{
		{0, gcra.Decision{Allowed: true, Remaining: 1}},
		{0, gcra.Decision{Allowed: true}},
		{10 * time.Second, gcra.Decision{RetryAfter: 20 * time.Second}},
		{30*time.Second - 1, gcra.Decision{RetryAfter: 1}},
		{30 * time.Second, gcra.Decision{Allowed: true}},
		{10 * time.Minute, gcra.Decision{Allowed: true, Remaining: 1}},
	} {
		var got gcra.Decision
		if full, got = rate.Take(full, step.at); got != step.want {
			t.Errorf("step %d: %+v, want %+v", i, got, step.want)
		}
	}
}

func TestWait(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rate       gcra.Rate
		debt, want time.Duration
	}{
		{gcra.Rate{Requests: 3, Window: time.Minute}, 0, 0},
		{gcra.Rate{Requests: 3, Window: time.Minute}, 40 * time.Second, 0},
		{gcra.Rate{Requests: 3, Window: time.Minute}, 41 * time.Second, time.Second},
		{gcra.Rate{Requests: 1, Window: time.Minute}, time.Minute, time.Minute},
		{gcra.Rate{}, 0, 0},
	} {
		if got := test.rate.Wait(test.debt); got != test.want {
			t.Errorf("%+v with a debt of %s waits %s, want %s", test.rate, test.debt, got, test.want)
		}
	}
}
