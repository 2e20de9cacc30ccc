package archtest_test

import (
	"testing"

	"example.com/plinth/kit/archtest"
)

func Example() {
	rules := archtest.Rules{
		Dir:       "..",
		Neighbors: map[string]string{"kit": "example.com/plinth/kit"},
		MayImport: map[string][]string{"internal/store": {"internal/domain"}, "internal/domain": {"kit/idgen"}},
		MayUse:    map[string][]string{"github.com/jackc/pgx/v5": {"internal/store"}},
		Isolated:  []archtest.Isolation{{Packages: []string{"cmd/server"}, Never: []string{"testing", "kit/testdb"}}},
	}
	var t *testing.T // of TestArchitecture in architecture_test.go
	_ = func() { archtest.Check(t, rules) }
}
