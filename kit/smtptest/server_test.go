package smtptest_test

import (
	"testing"

	"example.com/plinth/kit/smtptest"
)

// Tests may end before the server accepts connections.
func TestServerClosesAtOnce(t *testing.T) { //nolint:paralleltest // the subtests are sequential
	for range 100 {
		t.Run("unused", func(t *testing.T) { smtptest.New(t, smtptest.Options{}) })
	}
}
