package servertest

import (
	"testing"
	"time"
)

// AwaitBriefly is [Log.Await] with a short limit.
func AwaitBriefly(t testing.TB, log *Log, message string) {
	t.Helper()
	log.await(t, message, time.Millisecond)
}
