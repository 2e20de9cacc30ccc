package reqcheck_test

import (
	"context"
	"testing"

	"example.com/plinth/kit/internal/things"
	"example.com/plinth/kit/reqcheck"
)

// TestDecodingWaitsNoLongerThanTheRequest checks that a large body waits for others until its
// deadline.
func TestDecodingWaitsNoLongerThanTheRequest(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	things.WantError(t, reqcheck.DecodeBesideOthers(ctx, 64<<10), "overloaded")
	things.WantError(t, reqcheck.DecodeBesideOthers(ctx, 4<<10), "")
}
