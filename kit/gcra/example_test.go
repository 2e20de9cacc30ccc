package gcra_test

import (
	"fmt"
	"time"

	"example.com/plinth/kit/gcra"
)

func ExampleRate_Take() {
	rate := gcra.Rate{Requests: 1, Window: time.Minute}
	full, first := rate.Take(0, 0)
	_, second := rate.Take(full, 10*time.Second)
	fmt.Println(first.Allowed, second.Allowed, second.RetryAfter)
	// Output: true false 50s
}
