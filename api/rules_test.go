package api_test

import (
	"testing"

	"example.com/plinth/gen/apicontract"
	"example.com/plinth/kit/contracttest"
)

// TestContractKeepsHouseRules needs no handlers, so it can guide a change of the contract.
func TestContractKeepsHouseRules(t *testing.T) {
	t.Parallel()
	contracttest.MustParse(apicontract.OpenAPI, contracttest.Options{Roles: apicontract.Roles()}).CheckRules(t)
}
