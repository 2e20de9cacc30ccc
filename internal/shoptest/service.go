package shoptest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/oapi-codegen/runtime/types"

	"example.com/plinth/gen/api"
	"example.com/plinth/gen/shop"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/httpapi"
	"example.com/plinth/kit/httpkit"
	"example.com/plinth/kit/problem"
)

// NewHandler returns the shop behind the middleware of the service. What it keeps is in memory.
func NewHandler(deps httpapi.Dependencies, options httpapi.Options) (http.Handler, error) {
	s := &service{
		now: deps.Now, products: map[types.UUID]*product{}, images: map[types.UUID]*image{},
		carts: map[types.UUID]shop.Cart{}, exports: map[types.UUID]int{}, event: make(chan struct{}),
	}
	return httpapi.NewFor(httpapi.API{
		Contract: OpenAPI,
		Problems: problem.Table{
			"not_found":                     {Status: http.StatusNotFound, Title: "Not found"},
			problem.CodeRangeNotSatisfiable: {Status: http.StatusRequestedRangeNotSatisfiable, Title: "Range not satisfiable"},
		},
		Register: func(router api.EchoRouter) { shop.RegisterHandlers(router, shop.NewStrictHandler(s, nil)) },
	}, deps, options)
}

var errNotFound = &domain.Error{Code: "not_found", Message: "There is no such thing."}

// service fulfils the shop's contract in the plainest way.
type service struct {
	now func() time.Time

	mu       sync.Mutex
	products map[types.UUID]*product
	images   map[types.UUID]*image
	carts    map[types.UUID]shop.Cart
	exports  map[types.UUID]int // how often each was asked for
	event    chan struct{}      // closed, and replaced, with each new product
}

type product struct {
	shop.Product

	notes string
}

type image struct {
	mediaType string
	data      []byte
	changed   time.Time
}

var _ shop.StrictServerInterface = (*service)(nil)

// newID returns a random UUID (RFC 9562, section 5.4).
func newID() types.UUID {
	var id types.UUID
	_, _ = rand.Read(id[:]) // never fails
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return id
}

// ListProducts implements shop.StrictServerInterface: it answers with what it was asked.
func (s *service) ListProducts(_ context.Context, request shop.ListProductsRequestObject) (shop.ListProductsResponseObject, error) {
	p := request.Params
	found := shop.ListProducts200JSONResponse{
		Tag: p.Tag, Ids: p.Ids, States: p.States, Sizes: p.Sizes, Since: utc(p.Since), Tenant: p.XTenantID, Items: []shop.Product{},
	}
	for _, feature := range p.XFeatures {
		found.Features = append(found.Features, string(feature))
	}
	if p.Theme != nil {
		found.Theme = new(string(*p.Theme))
	}
	if p.Filter != nil {
		found.Filter = (*struct {
			Colors  []string `json:"colors,omitempty"`
			InStock *bool    `json:"in_stock,omitempty"`
			Made    *struct {
				Year *int32 `json:"year,omitempty"`
			} `json:"made,omitempty"`
			MaxPrice *float64 `json:"max_price,omitempty"`
			Name     *string  `json:"name,omitempty"`
		})(p.Filter)
	}
	if p.Paging != nil {
		found.Limit, found.After = p.Paging.Limit, p.Paging.After
	}
	if p.Made != nil {
		found.From, found.To = p.Made.From, p.Made.To
	}
	if p.Near != nil {
		found.Lat, found.Lon = &p.Near.Lat, &p.Near.Lon
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range p.Ids {
		if known := s.products[id]; known != nil {
			found.Items = append(found.Items, known.Product)
		}
	}
	return found, nil
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	return new(t.UTC())
}

// CreateProduct implements shop.StrictServerInterface.
func (s *service) CreateProduct(_ context.Context, request shop.CreateProductRequestObject) (shop.CreateProductResponseObject, error) {
	created := &product{Product: *request.Body}
	created.ID, created.CreatedAt, created.Supplier = newID(), s.now().UTC(), nil
	s.mu.Lock()
	defer s.mu.Unlock()
	s.products[created.ID] = created
	close(s.event)
	s.event = make(chan struct{})
	return shop.CreateProduct201JSONResponse{
		Body:    created.Product,
		Headers: shop.CreateProduct201ResponseHeaders{Location: "/api/v1/products/" + created.ID.String()},
	}, nil
}

// GetProduct implements shop.StrictServerInterface.
func (s *service) GetProduct(_ context.Context, request shop.GetProductRequestObject) (shop.GetProductResponseObject, error) {
	found, err := s.change(request.ID, func(*product) {})
	return shop.GetProduct200JSONResponse(found.Product), err
}

// change changes a product, and returns it.
func (s *service) change(id types.UUID, change func(*product)) (product, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.products[id]
	if known == nil {
		return product{}, errNotFound
	}
	change(known)
	return *known, nil
}

// ReplaceProductTags implements shop.StrictServerInterface.
func (s *service) ReplaceProductTags(_ context.Context, request shop.ReplaceProductTagsRequestObject) (shop.ReplaceProductTagsResponseObject, error) {
	_, err := s.change(request.ID, func(*product) {})
	return shop.ReplaceProductTags200JSONResponse(*request.Body), err
}

// SetProductStock implements shop.StrictServerInterface.
func (s *service) SetProductStock(_ context.Context, request shop.SetProductStockRequestObject) (shop.SetProductStockResponseObject, error) {
	_, err := s.change(request.ID, func(*product) {})
	return shop.SetProductStock200JSONResponse(*request.Body), err
}

// CountProductView implements shop.StrictServerInterface. The referrer, if there is one, ends up in the notes.
func (s *service) CountProductView(_ context.Context, request shop.CountProductViewRequestObject) (shop.CountProductViewResponseObject, error) {
	_, err := s.change(request.ID, func(p *product) {
		if request.Body != nil && request.Body.Referrer != nil {
			p.notes = *request.Body.Referrer
		}
	})
	return shop.CountProductView204Response{}, err
}

// ReplaceProductNotes implements shop.StrictServerInterface.
func (s *service) ReplaceProductNotes(_ context.Context, request shop.ReplaceProductNotesRequestObject) (shop.ReplaceProductNotesResponseObject, error) {
	_, err := s.change(request.ID, func(p *product) { p.notes = *request.Body })
	return shop.ReplaceProductNotes204Response{}, err
}

// GetProductNotes implements shop.StrictServerInterface.
func (s *service) GetProductNotes(_ context.Context, request shop.GetProductNotesRequestObject) (shop.GetProductNotesResponseObject, error) {
	found, err := s.change(request.ID, func(*product) {})
	if err != nil {
		return nil, err
	}
	if request.Params.Format != nil && *request.Params.Format == shop.GetProductNotesParamsFormatJSON {
		return shop.GetProductNotes200JSONResponse{Notes: found.notes}, nil
	}
	return shop.GetProductNotes200TextResponse(found.notes), nil
}

// SendMessage implements shop.StrictServerInterface: it answers with what it got, as JSON or as a form.
func (*service) SendMessage(_ context.Context, request shop.SendMessageRequestObject) (shop.SendMessageResponseObject, error) {
	if request.FormdataBody != nil {
		return shop.SendMessage201JSONResponse(*request.FormdataBody), nil
	}
	return shop.SendMessage201JSONResponse(*request.JSONBody), nil
}

// PutCart implements shop.StrictServerInterface.
func (s *service) PutCart(_ context.Context, request shop.PutCartRequestObject) (shop.PutCartResponseObject, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.carts[request.ID] = *request.Body
	return shop.PutCart200JSONResponse(*request.Body), nil
}

// GetCart implements shop.StrictServerInterface.
func (s *service) GetCart(_ context.Context, request shop.GetCartRequestObject) (shop.GetCartResponseObject, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	cart, ok := s.carts[request.ID]
	if !ok {
		return nil, errNotFound
	}
	return shop.GetCart200JSONResponse(cart), nil
}

// GetSwatch implements shop.StrictServerInterface.
func (*service) GetSwatch(_ context.Context, request shop.GetSwatchRequestObject) (shop.GetSwatchResponseObject, error) {
	swatch := shop.GetSwatch200JSONResponse{Hue: string(request.Color.Hue), Sizes: request.Sizes, Codes: request.Codes}
	if request.Color.Tone != nil {
		swatch.Tone = new(string(*request.Color.Tone))
	}
	return swatch, nil
}

// CheckFormats implements shop.StrictServerInterface: it answers with what it got.
func (*service) CheckFormats(_ context.Context, request shop.CheckFormatsRequestObject) (shop.CheckFormatsResponseObject, error) {
	request.Body.DateTime = utc(request.Body.DateTime)
	return shop.CheckFormats200JSONResponse(*request.Body), nil
}

// UploadImage implements shop.StrictServerInterface. It reads to the end before it keeps anything: only then is it known that
// the whole form is as the contract says.
func (s *service) UploadImage(_ context.Context, request shop.UploadImageRequestObject) (shop.UploadImageResponseObject, error) {
	if _, err := s.change(request.ID, func(*product) {}); err != nil {
		return nil, err
	}
	uploaded := image{changed: s.now()}
	answer := shop.Image{ID: newID()}
	for {
		part, err := request.Body.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return nil, err
		}
		switch part.FormName() {
		case "file":
			uploaded.data, uploaded.mediaType = data, part.Header.Get("Content-Type")
		case "caption":
			answer.Caption = new(string(data))
		}
	}
	sum := sha256.Sum256(uploaded.data)
	answer.Size, answer.MediaType, answer.Sha256 = int64(len(uploaded.data)), uploaded.mediaType, sum[:]
	s.mu.Lock()
	defer s.mu.Unlock()
	s.images[answer.ID] = &uploaded
	return shop.UploadImage201JSONResponse{
		Body:    answer,
		Headers: shop.UploadImage201ResponseHeaders{Location: "/api/v1/images/" + answer.ID.String()},
	}, nil
}

// ReplaceImage implements shop.StrictServerInterface.
func (s *service) ReplaceImage(_ context.Context, request shop.ReplaceImageRequestObject) (shop.ReplaceImageResponseObject, error) {
	data, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.images[request.ID]
	if known == nil {
		return nil, errNotFound
	}
	known.data, known.changed = data, s.now()
	return shop.ReplaceImage204Response{}, nil
}

// DownloadImage implements shop.StrictServerInterface.
func (s *service) DownloadImage(ctx context.Context, request shop.DownloadImageRequestObject) (shop.DownloadImageResponseObject, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.images[request.ID]
	if known == nil {
		return nil, errNotFound
	}
	_, extension, _ := strings.Cut(known.mediaType, "/")
	return download{ctx, httpkit.File{
		Name: "shirt." + extension, MediaType: known.mediaType, Modified: known.changed,
		ETag: fmt.Sprintf(`"%x"`, sha256.Sum256(known.data)), Content: strings.NewReader(string(known.data)),
	}}, nil
}

// download is an answer of DownloadImage.
type download struct {
	ctx  context.Context //nolint:containedctx // an answer lives as long as its request
	file httpkit.File
}

// VisitDownloadImageResponse implements shop.DownloadImageResponseObject.
func (d download) VisitDownloadImageResponse(w http.ResponseWriter) error {
	return d.file.Serve(d.ctx, w)
}
