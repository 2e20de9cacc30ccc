package httpapi_test

import (
	"testing"

	"github.com/acme/updated/internal/apitest"
)

func TestCountNotes(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	response, err := s.Register().CountNotesWithResponse(t.Context())
	apitest.Must(t, err)
	if response.JSON200 == nil || response.JSON200.Count != 0 {
		t.Errorf("got %s", response.Body)
	}
}
