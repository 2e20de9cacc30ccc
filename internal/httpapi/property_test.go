package httpapi_test

import (
	"flag"
	"testing"

	"example.com/plinth/internal/contracttest"
)

// How far the property test goes; `make fuzz` goes further.
var (
	propertySeed     = flag.Uint64("property.seed", 1, "seed of the requests that are derived from the contract")
	propertyRequests = flag.Int("property.requests", 200, "requests derived from the contract for each operation and caller")
)

// TestContractProperties sends what the contract allows, and everything near it that it does not, to every operation. No
// answer may be a 5xx or undocumented, and what breaks the contract must be refused.
func TestContractProperties(t *testing.T) {
	t.Parallel()
	s := newServer(t, options{})
	for _, operation := range contracttest.Operations(t) {
		t.Run(operation.ID, func(t *testing.T) {
			t.Parallel()
			user := func() string { return s.register().tokens.AccessToken }
			admin := func() string { return s.registerAdmin().tokens.AccessToken }
			for _, caller := range []*contracttest.Caller{
				{}, {Role: "user", Token: user(), Renew: user}, {Role: "admin", Token: admin(), Renew: admin},
			} {
				for _, request := range contracttest.Requests(t, operation, *propertySeed, *propertyRequests) {
					request.Send(t, s.http, s.url, caller)
				}
			}
		})
	}
}
