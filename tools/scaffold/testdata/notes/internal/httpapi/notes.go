package httpapi

import (
	"context"

	"github.com/acme/updated/gen/api"
)

// CountNotes implements api.StrictServerInterface.
func (h *handlers) CountNotes(ctx context.Context, _ api.CountNotesRequestObject) (api.CountNotesResponseObject, error) {
	count, err := h.Notes.CountNotes(ctx, actorFrom(ctx))
	if err != nil {
		return nil, err
	}
	return api.CountNotes200JSONResponse{Count: count}, nil
}
