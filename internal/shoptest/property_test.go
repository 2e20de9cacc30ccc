package shoptest_test

import (
	"testing"

	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/contracttest"
)

// TestShopProperties sends what the shop's contract allows, and everything near it that it does not, to every operation.
func TestShopProperties(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ada := s.register(t, domain.RoleUser)
	known := contracttest.Known{"id": {newProduct(t, ada).ID.String(), upload(t, ada, "x").ID.String()}}
	for _, operation := range contract.Operations() {
		t.Run(operation.ID, func(t *testing.T) {
			t.Parallel()
			admin := s.register(t, domain.RoleAdmin)
			caller := &contracttest.Caller{Role: "admin", Token: admin.token}
			for _, request := range known.Requests(t, operation, 1, 200) {
				request.Send(t, s.http, s.url, caller)
			}
		})
	}
}
