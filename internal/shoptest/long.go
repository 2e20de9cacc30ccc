package shoptest

import (
	"context"
	"fmt"
	"io"
	"strings"

	"example.com/plinth/gen/shop"
)

// CreateExport implements shop.StrictServerInterface.
func (s *service) CreateExport(_ context.Context, _ shop.CreateExportRequestObject) (shop.CreateExportResponseObject, error) {
	id := newID()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.exports[id] = 0
	return shop.CreateExport202JSONResponse{
		Body:    shop.Export{ID: id, State: shop.ExportStateRunning},
		Headers: shop.CreateExport202ResponseHeaders{Location: "/api/v1/exports/" + id.String()},
	}, nil
}

// GetExport implements shop.StrictServerInterface. An export is done once it was asked for.
func (s *service) GetExport(_ context.Context, request shop.GetExportRequestObject) (shop.GetExportResponseObject, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked, ok := s.exports[request.ID]
	if !ok {
		return nil, errNotFound
	}
	s.exports[request.ID]++
	if asked == 0 {
		return shop.GetExport200JSONResponse{ID: request.ID, State: shop.ExportStateRunning}, nil
	}
	return shop.GetExport303Response{Headers: shop.GetExport303ResponseHeaders{
		Location: "/api/v1/exports/" + request.ID.String() + "/file",
	}}, nil
}

// DownloadExport implements shop.StrictServerInterface.
func (s *service) DownloadExport(_ context.Context, request shop.DownloadExportRequestObject) (shop.DownloadExportResponseObject, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.exports[request.ID]; !ok {
		return nil, errNotFound
	}
	return shop.DownloadExport200TextCsvResponse{
		Body:    strings.NewReader("id,name\n1,\"Shirt, blue\"\n"),
		Headers: shop.DownloadExport200ResponseHeaders{ContentDisposition: "attachment; filename=products.csv"},
	}, nil
}

// StreamEvents implements shop.StrictServerInterface. It is as plain as a handler can be: a pipe, and a goroutine that writes.
// With a count it sends that many events at once, otherwise one, and another for each new product.
func (s *service) StreamEvents(ctx context.Context, request shop.StreamEventsRequestObject) (shop.StreamEventsResponseObject, error) {
	first := int64(1)
	if request.Params.LastEventID != nil {
		first = *request.Params.LastEventID + 1
	}
	reader, writer := io.Pipe()
	go func() { // until the count is reached, the reader is closed or ctx ends
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
	return shop.StreamEvents200TextEventStreamResponse{Body: reader}, nil
}

// nextEvent returns a channel that is closed when something happens.
func (s *service) nextEvent() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.event
}
