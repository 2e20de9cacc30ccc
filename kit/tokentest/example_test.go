package tokentest_test

import (
	"fmt"
	"testing"

	"example.com/plinth/kit/tokentest"
)

func Example() {
	_ = func(t *testing.T, token, secret string, send func(token string) int) { // a test of your own
		t.Helper()
		forger := tokentest.New(t, token, secret)
		for _, forged := range []string{
			forger.With("another secret").Sign(forger.Header(), forger.Claims()),
			forger.Sign(forger.Header(), forger.Claims("sub", "another user")),
			tokentest.Unsigned(forger.Header("alg", "none"), forger.Claims(), ""),
		} {
			fmt.Println(send(forged))
		}
	}
}
