package smtptest_test

import (
	"testing"

	"example.com/plinth/kit/smtptest"
)

// Tests may end before the server accepts connections.
//
//nolint:paralleltest // a machine that does something else would hide the hang
func TestServerClosesAtOnce(t *testing.T) {
	for range 100 {
		t.Run("unused", func(t *testing.T) { smtptest.New(t, smtptest.Options{}) })
	}
}
