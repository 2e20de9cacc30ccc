package shop

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

	"example.com/plinth/kit/httpkit"
	"example.com/plinth/kit/internal/gen/shopapi"
	"example.com/plinth/kit/internal/testapi"
	"example.com/plinth/kit/problem"
)

// New returns the shop. It sets the contract, the handlers and the allowed origin in options, whose
// Now is required. Each shop has data of its own.
func New(options testapi.Options) (http.Handler, error) {
	options.Contract = OpenAPI
	options.Problems = problem.Table{errNotFound.Code: {Status: http.StatusNotFound, Title: "Not found"}}
	options.CORSOrigins = []string{"https://shop.example"}
	options.Register = func(router httpkit.HeadRouter) {
		shopapi.RegisterHandlers(router, shopapi.NewStrictHandler(newService(options.Now), nil))
	}
	return testapi.New(options)
}

var errNotFound = &problem.Problem{Code: "not_found", Detail: "There is no such thing."}

// service implements the operations.
type service struct {
	now func() time.Time

	mu       sync.Mutex
	products map[types.UUID]*product
	images   map[types.UUID]*image
	carts    map[types.UUID]shopapi.Cart
	exports  map[types.UUID]int // values count the requests
	event    chan struct{}      // closed and replaced with each new product
}

type product struct {
	shopapi.Product

	notes string
}

type image struct {
	mediaType string
	data      []byte
	changed   time.Time
}

var _ shopapi.StrictServerInterface = (*service)(nil)

func newService(now func() time.Time) *service {
	return &service{
		now:      now,
		products: map[types.UUID]*product{}, images: map[types.UUID]*image{}, carts: map[types.UUID]shopapi.Cart{},
		exports: map[types.UUID]int{}, event: make(chan struct{}),
	}
}

// newID returns a random UUID (RFC 9562, section 5.4).
func newID() types.UUID {
	var id types.UUID
	_, _ = rand.Read(id[:]) // never fails
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return id
}

// ListProducts implements shopapi.StrictServerInterface: it echoes the parameters.
func (s *service) ListProducts(
	_ context.Context,
	request shopapi.ListProductsRequestObject,
) (shopapi.ListProductsResponseObject, error) {
	p := request.Params
	found := shopapi.ListProducts200JSONResponse{
		Tag: p.Tag, Ids: p.Ids, States: p.States, Sizes: p.Sizes,
		Since: utc(p.Since), Tenant: p.XTenantID, Items: []shopapi.Product{},
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

// CreateProduct implements shopapi.StrictServerInterface.
func (s *service) CreateProduct(
	_ context.Context,
	request shopapi.CreateProductRequestObject,
) (shopapi.CreateProductResponseObject, error) {
	created := &product{Product: *request.Body}
	created.ID, created.CreatedAt, created.Supplier = newID(), s.now().UTC(), nil
	s.mu.Lock()
	defer s.mu.Unlock()
	s.products[created.ID] = created
	close(s.event)
	s.event = make(chan struct{})
	return shopapi.CreateProduct201JSONResponse{
		Body:    created.Product,
		Headers: shopapi.CreateProduct201ResponseHeaders{Location: "/api/v1/products/" + created.ID.String()},
	}, nil
}

// GetProduct implements shopapi.StrictServerInterface.
func (s *service) GetProduct(
	_ context.Context,
	request shopapi.GetProductRequestObject,
) (shopapi.GetProductResponseObject, error) {
	found, err := s.change(request.ID, func(*product) {})
	return shopapi.GetProduct200JSONResponse(found.Product), err
}

// change changes a product and returns it.
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

// ReplaceProductTags implements shopapi.StrictServerInterface.
func (s *service) ReplaceProductTags(
	_ context.Context,
	request shopapi.ReplaceProductTagsRequestObject,
) (shopapi.ReplaceProductTagsResponseObject, error) {
	_, err := s.change(request.ID, func(*product) {})
	return shopapi.ReplaceProductTags200JSONResponse(*request.Body), err
}

// SetProductStock implements shopapi.StrictServerInterface.
func (s *service) SetProductStock(
	_ context.Context,
	request shopapi.SetProductStockRequestObject,
) (shopapi.SetProductStockResponseObject, error) {
	_, err := s.change(request.ID, func(*product) {})
	return shopapi.SetProductStock200JSONResponse(*request.Body), err
}

// CountProductView implements shopapi.StrictServerInterface. It stores the referrer as notes.
func (s *service) CountProductView(
	_ context.Context,
	request shopapi.CountProductViewRequestObject,
) (shopapi.CountProductViewResponseObject, error) {
	_, err := s.change(request.ID, func(p *product) {
		if request.Body != nil && request.Body.Referrer != nil {
			p.notes = *request.Body.Referrer
		}
	})
	return shopapi.CountProductView204Response{}, err
}

// ReplaceProductNotes implements shopapi.StrictServerInterface.
func (s *service) ReplaceProductNotes(
	_ context.Context,
	request shopapi.ReplaceProductNotesRequestObject,
) (shopapi.ReplaceProductNotesResponseObject, error) {
	_, err := s.change(request.ID, func(p *product) { p.notes = *request.Body })
	return shopapi.ReplaceProductNotes204Response{}, err
}

// GetProductNotes implements shopapi.StrictServerInterface.
func (s *service) GetProductNotes(
	_ context.Context,
	request shopapi.GetProductNotesRequestObject,
) (shopapi.GetProductNotesResponseObject, error) {
	found, err := s.change(request.ID, func(*product) {})
	if err != nil {
		return nil, err
	}
	if request.Params.Format != nil && *request.Params.Format == shopapi.GetProductNotesParamsFormatJSON {
		return shopapi.GetProductNotes200JSONResponse{Notes: found.notes}, nil
	}
	return shopapi.GetProductNotes200TextResponse(found.notes), nil
}

// SendMessage implements shopapi.StrictServerInterface: it echoes the body, JSON or a form.
func (*service) SendMessage(
	_ context.Context,
	request shopapi.SendMessageRequestObject,
) (shopapi.SendMessageResponseObject, error) {
	if request.FormdataBody != nil {
		return shopapi.SendMessage201JSONResponse(*request.FormdataBody), nil
	}
	return shopapi.SendMessage201JSONResponse(*request.JSONBody), nil
}

// PutCart implements shopapi.StrictServerInterface.
func (s *service) PutCart(
	_ context.Context,
	request shopapi.PutCartRequestObject,
) (shopapi.PutCartResponseObject, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.carts[request.ID] = *request.Body
	return shopapi.PutCart200JSONResponse(*request.Body), nil
}

// GetCart implements shopapi.StrictServerInterface.
func (s *service) GetCart(
	_ context.Context,
	request shopapi.GetCartRequestObject,
) (shopapi.GetCartResponseObject, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	cart, ok := s.carts[request.ID]
	if !ok {
		return nil, errNotFound
	}
	return shopapi.GetCart200JSONResponse(cart), nil
}

// GetSwatch implements shopapi.StrictServerInterface.
func (*service) GetSwatch(
	_ context.Context,
	request shopapi.GetSwatchRequestObject,
) (shopapi.GetSwatchResponseObject, error) {
	swatch := shopapi.GetSwatch200JSONResponse{
		Hue:   string(request.Color.Hue),
		Sizes: request.Sizes,
		Codes: request.Codes,
	}
	if request.Color.Tone != nil {
		swatch.Tone = new(string(*request.Color.Tone))
	}
	return swatch, nil
}

// CheckFormats implements shopapi.StrictServerInterface: it echoes the body.
func (*service) CheckFormats(
	_ context.Context,
	request shopapi.CheckFormatsRequestObject,
) (shopapi.CheckFormatsResponseObject, error) {
	request.Body.DateTime = utc(request.Body.DateTime)
	return shopapi.CheckFormats200JSONResponse(*request.Body), nil
}

// UploadImage implements shopapi.StrictServerInterface. It reads the whole form first: only then
// all parts are validated.
func (s *service) UploadImage(
	_ context.Context,
	request shopapi.UploadImageRequestObject,
) (shopapi.UploadImageResponseObject, error) {
	if _, err := s.change(request.ID, func(*product) {}); err != nil {
		return nil, err
	}
	uploaded := image{changed: s.now()}
	answer := shopapi.Image{ID: newID()}
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
	return shopapi.UploadImage201JSONResponse{
		Body:    answer,
		Headers: shopapi.UploadImage201ResponseHeaders{Location: "/api/v1/images/" + answer.ID.String()},
	}, nil
}

// ReplaceImage implements shopapi.StrictServerInterface.
func (s *service) ReplaceImage(
	_ context.Context,
	request shopapi.ReplaceImageRequestObject,
) (shopapi.ReplaceImageResponseObject, error) {
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
	return shopapi.ReplaceImage204Response{}, nil
}

// DownloadImage implements shopapi.StrictServerInterface.
func (s *service) DownloadImage(
	ctx context.Context,
	request shopapi.DownloadImageRequestObject,
) (shopapi.DownloadImageResponseObject, error) {
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

// download is a response of DownloadImage.
type download struct {
	ctx  context.Context //nolint:containedctx // a response lives as long as its request
	file httpkit.File
}

// VisitDownloadImageResponse implements shopapi.DownloadImageResponseObject.
func (d download) VisitDownloadImageResponse(w http.ResponseWriter) error {
	return d.file.Serve(d.ctx, w)
}
