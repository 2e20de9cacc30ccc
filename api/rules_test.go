package api_test

import (
	"testing"

	"example.com/plinth/api"
	"example.com/plinth/kit/contracttest"
)

// TestContractKeepsHouseRules needs no handlers, so it can guide a change of the contract.
func TestContractKeepsHouseRules(t *testing.T) {
	t.Parallel()
	contracttest.MustParse(api.OpenAPI, contracttest.Options{Roles: []string{"user", "admin"}}).CheckRules(t)
}
