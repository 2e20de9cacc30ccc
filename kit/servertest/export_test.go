package servertest

import (
	"testing"
	"time"
)

// AwaitBriefly is [Log.AwaitText] with a short limit.
func AwaitBriefly(t testing.TB, log *Log, text string) {
	t.Helper()
	log.await(t, text, time.Millisecond)
}
