package ratelimit_test

import (
	"context"
	"fmt"
	"time"

	"example.com/plinth/kit/ratelimit"
)

func Example() {
	limiter := ratelimit.New(time.Now, ratelimit.Options{}) // without Redis
	defer limiter.Close()                                   //nolint:errcheck // nothing to lose
	rate := ratelimit.Rate{Requests: 2, Window: time.Hour}
	for range 3 {
		decision := limiter.Take(context.Background(), ratelimit.Key{Class: "read", Account: "ada"}, rate)
		fmt.Println(decision.Allowed, decision.Remaining)
	}
	// Output:
	// true 1
	// true 0
	// false 0
}
