package httpkit_test

import (
	"testing"
	"time"

	"example.com/plinth/kit/httpkit"
)

func TestOptionalDatesAndTimes(t *testing.T) {
	t.Parallel()
	if httpkit.DateOf(nil) != nil || httpkit.TimeOf(nil) != nil || httpkit.UTC(nil) != nil {
		t.Error("nil is not nil")
	}
	midnight := time.Date(2026, time.January, 2, 0, 0, 0, 0, time.UTC)
	if date := httpkit.DateOf(&midnight); date.String() != "2026-01-02" || !httpkit.TimeOf(date).Equal(midnight) {
		t.Errorf("got %v and %v, want %v", date, httpkit.TimeOf(date), midnight)
	}
	elsewhere := midnight.In(time.FixedZone("", 3600))
	if got := *httpkit.UTC(&elsewhere); got != midnight {
		t.Errorf("got %v, want %v", got, midnight)
	}
}
