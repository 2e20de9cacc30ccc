package exact_test

import (
	"database/sql"
	"testing"

	"example.com/plinth/kit/exact"
)

func TestScan(t *testing.T) {
	t.Parallel()
	var number exact.Decimal
	var clock exact.TimeOfDay
	for _, target := range []sql.Scanner{&number, &clock} {
		if err := target.Scan("12.50"); err != nil {
			t.Errorf("%T: %v", target, err)
		}
		for _, value := range []any{nil, 12.5, []byte("12.50")} {
			if err := target.Scan(value); err == nil {
				t.Errorf("%T: scanned a %T", target, value)
			}
		}
	}
	if number != "12.50" || clock != "12.50" {
		t.Errorf("scanned %q and %q, want 12.50", number, clock)
	}
}
