package shop_test

import (
	"net/http"
	"testing"
	"time"

	"example.com/plinth/kit/contracttest"
	"example.com/plinth/kit/httpkit"
	"example.com/plinth/kit/internal/testapi"
	"example.com/plinth/kit/ratelimit"
)

// TestContractProperties sends valid and invalid requests to each operation.
func TestContractProperties(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ada := s.register(t, "user")
	known := contracttest.Known{"id": {newProduct(t, ada).ID.String(), upload(t, ada, "x").ID.String()}}
	for _, operation := range contract.Operations() {
		t.Run(operation.ID, func(t *testing.T) {
			t.Parallel()
			for role, count := range map[string]int{"": 20, "user": 50, "admin": 200} {
				caller := &contracttest.Caller{Role: role}
				if role != "" {
					caller.Token = s.register(t, role).token
				}
				for _, request := range known.Requests(t, operation, 1, count) {
					request.Send(t, s.http, s.url, caller)
				}
			}
		})
	}
}

// TestEveryOperationIsLimited sends one request more than the rate allows.
func TestEveryOperationIsLimited(t *testing.T) {
	t.Parallel()
	for _, operation := range contract.Operations() {
		t.Run(operation.ID, func(t *testing.T) {
			t.Parallel()
			rate := ratelimit.Rate{Requests: 1, Window: time.Hour}
			limits := &httpkit.RateLimits{
				Limiter: ratelimit.New(
					time.Now,
					ratelimit.Options{},
				), Rates: map[string]ratelimit.Rate{"read": rate, "write": rate},
			}
			s := newServerWith(t, testapi.Options{RateLimits: limits}, time.Minute)
			header := s.register(t, "admin").header("")
			request := contracttest.Requests(t, operation, 1, 1)[0]
			for _, isLimited := range []bool{false, true} {
				response, body := s.send(t, operation.Method, request.Target, header, nil)
				want(t, "limited", response.StatusCode == http.StatusTooManyRequests, isLimited, body)
			}
		})
	}
}
