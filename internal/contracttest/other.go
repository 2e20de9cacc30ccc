package contracttest

import (
	"net/http"
	"testing"
)

// NewTransportFor is [NewTransport] for another contract than the service's own. What it sees counts for no coverage.
func NewTransportFor(tb testing.TB, base http.RoundTripper, contract []byte) http.RoundTripper {
	tb.Helper()
	c, err := parse(contract)
	if err != nil {
		tb.Fatalf("the contract: %v", err)
	}
	return newTransport(tb, base, c, newRecord())
}

// OperationsFor is [Operations] for another contract.
func OperationsFor(tb testing.TB, contract []byte) []Operation {
	tb.Helper()
	c, err := parse(contract)
	if err != nil {
		tb.Fatalf("the contract: %v", err)
	}
	return c.operations
}
