package shop

import (
	"context"
	"fmt"
	"io"
	"strings"

	"example.com/plinth/kit/internal/gen/shopapi"
)

// CreateExport implements shopapi.StrictServerInterface.
func (s *service) CreateExport(
	_ context.Context,
	_ shopapi.CreateExportRequestObject,
) (shopapi.CreateExportResponseObject, error) {
	id := newID()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.exports[id] = 0
	return shopapi.CreateExport202JSONResponse{
		Body:    shopapi.Export{ID: id, State: shopapi.ExportStateRunning},
		Headers: shopapi.CreateExport202ResponseHeaders{Location: "/api/v1/exports/" + id.String()},
	}, nil
}

// GetExport implements shopapi.StrictServerInterface. An export is done after the first GET.
func (s *service) GetExport(
	_ context.Context,
	request shopapi.GetExportRequestObject,
) (shopapi.GetExportResponseObject, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked, ok := s.exports[request.ID]
	if !ok {
		return nil, errNotFound
	}
	s.exports[request.ID]++
	if asked == 0 {
		return shopapi.GetExport200JSONResponse{ID: request.ID, State: shopapi.ExportStateRunning}, nil
	}
	return shopapi.GetExport303Response{Headers: shopapi.GetExport303ResponseHeaders{
		Location: "/api/v1/exports/" + request.ID.String() + "/file",
	}}, nil
}

// DownloadExport implements shopapi.StrictServerInterface.
func (s *service) DownloadExport(
	_ context.Context,
	request shopapi.DownloadExportRequestObject,
) (shopapi.DownloadExportResponseObject, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.exports[request.ID]; !ok {
		return nil, errNotFound
	}
	return shopapi.DownloadExport200TextCsvResponse{
		Body:    strings.NewReader("id,name\n1,\"Shirt, blue\"\n"),
		Headers: shopapi.DownloadExport200ResponseHeaders{ContentDisposition: "attachment; filename=products.csv"},
	}, nil
}

// StreamEvents implements shopapi.StrictServerInterface with a pipe and a goroutine that writes. It
// sends count events, or one and another for each new product.
func (s *service) StreamEvents(
	ctx context.Context,
	request shopapi.StreamEventsRequestObject,
) (shopapi.StreamEventsResponseObject, error) {
	first := int64(1)
	if request.Params.LastEventID != nil {
		first = *request.Params.LastEventID + 1
	}
	reader, writer := io.Pipe()
	go func() { // ends after count events, when the reader is closed, or with ctx
		for i := first; request.Params.Count == nil || i < first+int64(*request.Params.Count); i++ {
			next := s.nextEvent()
			if _, err := fmt.Fprintf(writer, "id: %d\nevent: stock\ndata: 7\n\n", i); err != nil {
				return
			}
			if request.Params.Count != nil {
				continue
			}
			select {
			case <-next:
			case <-ctx.Done():
				_ = writer.CloseWithError(ctx.Err())
				return
			}
		}
		_ = writer.Close()
	}()
	return shopapi.StreamEvents200TextEventStreamResponse{Body: reader}, nil
}

// nextEvent returns a channel that is closed with the next new product.
func (s *service) nextEvent() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.event
}
