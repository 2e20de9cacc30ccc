package pgtest_test

import (
	"testing"

	"example.com/plinth/internal/pgtest"
)

func TestURLIsMigratedAndEmpty(t *testing.T) {
	t.Parallel()
	if n := pgtest.Value[int](t, pgtest.URL(t), "SELECT count(*) FROM users"); n != 0 {
		t.Errorf("a new database holds %d users", n)
	}
}
