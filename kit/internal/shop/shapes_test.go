package shop_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/runtime/types"

	"example.com/plinth/kit/internal/gen/shopclient"
	"example.com/plinth/kit/internal/shop"
)

func newProduct(t *testing.T, a account) shopclient.Product {
	t.Helper()
	response, err := a.CreateProductWithResponse(t.Context(), shopclient.Product{
		Name: "Shirt", Price: shopclient.Money{Amount: "12.50", Currency: shopclient.MoneyCurrencyEUR}, State: shopclient.StateActive,
		Attributes: map[string]string{"fabric": "linen"},
	})
	must(t, err)
	if response.JSON201 == nil {
		t.Fatalf("%d %s", response.StatusCode(), response.Body)
	}
	return *response.JSON201
}

// TestEveryParameterStyle sends all parameters of listProducts.
func TestEveryParameterStyle(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	query := url.Values{
		"tag": {"a b", "c,d"}, "ids": {"0193f0c4-5b7a-7c3e-9d55-3f1b2a4c6d8e,0193f0c4-5b7a-7c3e-9d55-3f1b2a4c6d8f"},
		"states": {"active|sold_out"}, "sizes": {"38 40"}, "filter[name]": {"shirt"}, "filter[in_stock]": {"true"},
		"filter[max_price]": {
			"12.5",
		}, "filter[colors]": {"red"}, "filter[made][year]": {"2026"}, "limit": {"10"}, "after": {"2026-01-02"},
		"made": {
			"from,2026-01-01,to,2026-12-31",
		}, "near": {`{"lat":5e1,"lon":13.4}`}, "since": {"2026-01-02T04:04:05+01:00"},
	}
	header := http.Header{
		"X-Tenant-ID": {
			"0193f0c4-5b7a-7c3e-9d55-3f1b2a4c6d8e",
		}, "X-Features": {"fast", "new"}, "Cookie": {"theme=dark"},
	}
	response, body := s.send(t, http.MethodGet, "/api/v1/products?"+query.Encode(), header, nil)
	want(t, "status", response.StatusCode, http.StatusOK, body)
	var got, wanted any
	must(t, json.Unmarshal([]byte(body), &got))
	must(t, json.Unmarshal([]byte(`{"tag":["a b","c,d"],
		"ids":["0193f0c4-5b7a-7c3e-9d55-3f1b2a4c6d8e","0193f0c4-5b7a-7c3e-9d55-3f1b2a4c6d8f"],
		"states":["active","sold_out"],"sizes":[38,40],
		"filter":{"name":"shirt","in_stock":true,"max_price":12.5,"colors":["red"],"made":{"year":2026}},
		"limit":10,"after":"2026-01-02","from":"2026-01-01","to":"2026-12-31","lat":50,"lon":13.4,"since":"2026-01-02T03:04:05Z",
		"tenant":"0193f0c4-5b7a-7c3e-9d55-3f1b2a4c6d8e","features":["fast","new"],"theme":"dark","items":[]}`), &wanted))
	if !reflect.DeepEqual(got, wanted) {
		t.Errorf("got %s", body)
	}
}

func TestPathParameterStyles(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	response, body := s.send(
		t,
		http.MethodGet,
		"/api/v1/swatches/.hue=red.tone=dark/;sizes=38;sizes=40/ab,cd",
		nil,
		nil,
	)
	want(t, "status", response.StatusCode, http.StatusOK, body)
	want(t, "body", strings.TrimSpace(body), `{"codes":["ab","cd"],"hue":"red","sizes":[38,40],"tone":"dark"}`)
	for _, path := range []string{"/hue=red/;sizes=1/ab", "/.hue=red/1/ab", "/.hue=red/;sizes=/ab", "/.hue=red/;sizes=1/ab,", "/.tone=dark/;sizes=1/ab"} {
		response, body := s.send(t, http.MethodGet, "/api/v1/swatches"+path, nil, nil)
		want(t, "status of "+path, response.StatusCode, http.StatusUnprocessableEntity, body)
	}
}

// TestSharedSchema uses one schema for the request and the response.
func TestSharedSchema(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ada := s.register(t, "user")
	created := newProduct(t, ada)
	read, err := ada.GetProductWithResponse(t.Context(), *created.ID)
	must(t, err)
	if read.JSON200 == nil || !reflect.DeepEqual(*read.JSON200, created) {
		t.Errorf("got %s", read.Body)
	}
	for sent, wanted := range map[string]string{
		`"id":"0193f0c4-5b7a-7c3e-9d55-3f1b2a4c6d8e"`: `"pointer":"/id"`,
		`"color":"red"`:             `"pointer":"/color"`,
		`"attributes":{"a":1}`:      `"pointer":"/attributes/a"`,
		`"attributes":null`:         `"pointer":"/attributes"`,
		`"price":{"amount":"1.00"}`: `"pointer":"/price/currency"`,
	} {
		body := `{"name":"Shirt","state":"active",` + sent + `}`
		if !strings.Contains(sent, "price") {
			body = strings.Replace(body, "{", `{"price":{"amount":"1.00","currency":"EUR"},`, 1)
		}
		response, text := s.send(
			t,
			http.MethodPost,
			"/api/v1/products",
			ada.header("application/json"),
			strings.NewReader(body),
		)
		want(t, "status of "+sent, response.StatusCode, http.StatusUnprocessableEntity, text)
		if !strings.Contains(text, wanted) || strings.Contains(text, "/supplier") {
			t.Errorf("%s: got %s", sent, text)
		}
	}
}

func TestMapsAllOfAndOneOf(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ada := s.register(t, "user")
	put := func(body string) (int, string) {
		response, text := s.send(t, http.MethodPut, "/api/v1/carts/0193f0c4-5b7a-7c3e-9d55-3f1b2a4c6d8e",
			ada.header("application/json"), strings.NewReader(body))
		return response.StatusCode, strings.TrimSpace(text)
	}
	good := `{"name":"Birthday","lines":[{"product":"0193f0c4-5b7a-7c3e-9d55-3f1b2a4c6d8e","quantity":2,"wishes":[null,"red"]}],` +
		`"vouchers":{"SPRING":5},"payment":{"kind":"card","last4":"4242"},"delivery":{"locker":7}}`
	status, text := put(good)
	want(t, "status", status, http.StatusOK, text)
	var got, wanted any
	must(t, json.Unmarshal([]byte(text), &got))
	must(t, json.Unmarshal([]byte(good), &wanted))
	if !reflect.DeepEqual(got, wanted) {
		t.Errorf("got %s", text)
	}
	response, text := s.send(
		t,
		http.MethodGet,
		"/api/v1/carts/0193f0c4-5b7a-7c3e-9d55-3f1b2a4c6d8e",
		ada.header(""),
		nil,
	)
	want(t, "status of the stored cart", response.StatusCode, http.StatusOK, text)
	for old, replacement := range map[string]string{
		`"SPRING":5`:      `"SPRING":"5"`,
		`"last4":"4242"`:  `"email":"ada@example.com"`,
		`"kind":"card"`:   `"kind":"cash"`,
		`"locker":7`:      `"locker":7,"street":"High"`,
		`"name":`:         `"label":"x","name":`,
		`"quantity":2`:    `"quantity":2,"size":1`,
		`"name":"Birth`:   `"title":"Birth`,
		`"delivery":{`:    `"gift":0,"delivery":{`,
		`{"locker":7}`:    `null`,
		`"wishes":[null,`: `"wishes":[1,`,
	} {
		status, text := put(strings.Replace(good, old, replacement, 1))
		want(t, "status with "+replacement, status, http.StatusUnprocessableEntity, text)
	}
}

func TestBodiesOtherThanObjects(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ada, admin := s.register(t, "user"), s.register(t, "admin")
	id := *newProduct(t, ada).ID
	tags, err := ada.ReplaceProductTagsWithResponse(t.Context(), id, shopclient.Tags{"blue", "linen, light"})
	must(t, err)
	if tags.JSON200 == nil || len(*tags.JSON200) != 2 {
		t.Errorf("got %s", tags.Body)
	}
	stock, err := ada.SetProductStockWithResponse(t.Context(), id, 7)
	must(t, err)
	if stock.JSON200 == nil || *stock.JSON200 != 7 {
		t.Errorf("got %s", stock.Body)
	}
	for path, body := range map[string]string{"tags": `["a","a"]`, "stock": `-1`} {
		response, text := s.send(t, http.MethodPut, "/api/v1/products/"+id.String()+"/"+path,
			ada.header("application/json"), strings.NewReader(body))
		want(t, "status", response.StatusCode, http.StatusUnprocessableEntity, text)
	}
	view, err := ada.CountProductViewWithResponse(t.Context(), id, shopclient.CountProductViewJSONRequestBody{})
	must(t, err)
	want(t, "status with a body", view.StatusCode(), http.StatusNoContent)
	path := "/api/v1/products/" + id.String()
	response, text := s.send(t, http.MethodPost, path+"/views", nil, nil)
	want(t, "status without a body", response.StatusCode, http.StatusNoContent, text)
	response, text = s.send(t, http.MethodPost, path+"/views", nil, io.MultiReader())
	want(t, "status of an empty body in chunks", response.StatusCode, http.StatusNoContent, text)
	response, text = s.send(t, http.MethodPost, path+"/views", nil, io.MultiReader(strings.NewReader("{}")))
	want(
		t,
		"status of a body in chunks without a media type",
		response.StatusCode,
		http.StatusUnsupportedMediaType,
		text,
	)
	inChunks := io.MultiReader(strings.NewReader(`{"referrer":"https://example.com/"}`))
	response, text = s.send(
		t,
		http.MethodPost,
		path+"/views",
		http.Header{"Content-Type": {"application/json"}},
		inChunks,
	)
	want(t, "status of a body in chunks", response.StatusCode, http.StatusNoContent, text)
	response, text = s.send(
		t,
		http.MethodPost,
		path+"/views",
		http.Header{"Content-Type": {"application/json"}},
		strings.NewReader(`{"referrer":"x"}`),
	)
	want(t, "status with a wrong body", response.StatusCode, http.StatusUnprocessableEntity, text)

	notes, err := admin.ReplaceProductNotesWithTextBodyWithResponse(t.Context(), id, "Wash\nat 30.")
	must(t, err)
	want(t, "status of a text", notes.StatusCode(), http.StatusNoContent, string(notes.Body))
	for body, status := range map[string]int{
		"a\x00b": http.StatusUnprocessableEntity, "\xff": http.StatusUnprocessableEntity, strings.Repeat("a", 4097): http.StatusRequestEntityTooLarge,
	} {
		response, text := s.send(
			t,
			http.MethodPut,
			path+"/notes",
			admin.header("text/plain; charset=utf-8"),
			strings.NewReader(body),
		)
		want(t, "status", response.StatusCode, status, text)
	}
	format := shopclient.GetProductNotesParamsFormatJSON
	inJSON, err := ada.GetProductNotesWithResponse(t.Context(), id, &shopclient.GetProductNotesParams{Format: &format})
	must(t, err)
	if inJSON.JSON200 == nil || inJSON.JSON200.Notes != "Wash\nat 30." {
		t.Errorf("got %s", inJSON.Body)
	}
	asText, err := ada.GetProductNotesWithResponse(t.Context(), id, nil)
	must(t, err)
	want(t, "the text", string(asText.Body), "Wash\nat 30.")
}

func TestForms(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, test := range []struct {
		mediaType, body string
		status          int
	}{
		{"application/json", `{"subject":"Hello","priority":2,"urgent":true,"topics":["a","b"]}`, 201},
		{"Application/JSON", `{"subject":"Hello","priority":2,"urgent":true,"topics":["a","b"]}`, 201},
		{"application/x-www-form-urlencoded", "subject=Hello&priority=2&urgent=true&topics=a&topics=b", 201},
		{"APPLICATION/x-www-form-urlencoded; charset=UTF-8", "subject=Hello&priority=2&urgent=true&topics=a&topics=b", 201},
		{"application/x-www-form-urlencoded", "subject=Hello&subject=Bye", 422},
		{"application/x-www-form-urlencoded", "priority=2", 422},
		{"application/x-www-form-urlencoded", "subject=Hello&priority=%2B1", 422},
		{"application/x-www-form-urlencoded", "subject=Hello&urgent=1", 422},
		{"application/x-www-form-urlencoded", "subject=a%00b", 422},
		{"application/x-www-form-urlencoded", "subject=Hello&color=red", 422},
		{"application/x-www-form-urlencoded", "subject=Hello&topics[0]=a", 422},
		{"application/x-www-form-urlencoded", "subject=%zz", 400},
		{"application/x-www-form-urlencoded; charset=latin1", "subject=Hello", 415},
		{"multipart/form-data; boundary=x", "", 415},
		{"text/plain", "subject=Hello", 415},
		{"application/x-www-form-urlencoded", "subject=" + strings.Repeat("a", 9000), 413},
	} {
		response, text := s.send(
			t,
			http.MethodPost,
			"/api/v1/messages?",
			http.Header{"Content-Type": {test.mediaType}},
			strings.NewReader(test.body),
		)
		want(
			t,
			"status of "+test.mediaType+" "+test.body[:min(len(test.body), 60)],
			response.StatusCode,
			test.status,
			text,
		)
		if test.status == 201 {
			want(
				t,
				"the body",
				strings.TrimSpace(text),
				`{"priority":2,"subject":"Hello","topics":["a","b"],"urgent":true}`,
			)
		}
	}
	response, text := s.send(
		t,
		http.MethodPost,
		"/api/v1/messages?subject=query",
		http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
		strings.NewReader("subject=Hello"),
	)
	want(t, "status with a member in the query", response.StatusCode, http.StatusUnprocessableEntity, text)
}

// TestFormLineBreaksAreNormalized sends CR LF, as browsers do, which counts as one character.
func TestFormLineBreaksAreNormalized(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ada := s.register(t, "user")
	lines := strings.Repeat("\r\n", 80)
	mediaType, parts := form(t, field{"file", "image/png", lines}, field{"caption", "", lines})
	path := "/api/v1/products/" + newProduct(t, ada).ID.String() + "/images"
	for _, test := range []struct {
		path, mediaType, body string
		status                int
		tells                 string
	}{
		{"/api/v1/messages", "application/x-www-form-urlencoded", "subject=x&text=" + url.QueryEscape(lines), 201, `"text":"` + strings.Repeat(`\n`, 80) + `"`},
		{"/api/v1/messages", "application/x-www-form-urlencoded", "subject=x&text=%0D", 422, "control_character"},
		{"/api/v1/messages", "application/x-www-form-urlencoded", "subject=%0D%0A", 422, "control_character"},
		{path, mediaType, parts.String(), 201, `"caption":"` + strings.Repeat(`\n`, 80) + `"`},
		{path, mediaType, strings.Replace(parts.String(), lines+"\r\n--", "\r\r\n--", 2), 422, "control_character"},
		{path, mediaType, parts.String(), 201, `"size":160`},
	} {
		response, text := s.send(
			t,
			http.MethodPost,
			test.path,
			ada.header(test.mediaType),
			strings.NewReader(test.body),
		)
		want(t, "status of "+test.mediaType, response.StatusCode, test.status, text)
		if !strings.Contains(text, test.tells) {
			t.Errorf("%s: got %s, want %s", test.mediaType, text, test.tells)
		}
	}
}

// TestFormats sends an example of each format.
func TestFormats(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	doc, err := openapi3.NewLoader().LoadFromData(shop.OpenAPI)
	must(t, err)
	example := doc.Components.Examples["Formats"].Value.Value
	sent, err := json.Marshal(example)
	must(t, err)
	response, text := s.send(
		t,
		http.MethodPost,
		"/api/v1/formats",
		http.Header{"Content-Type": {"application/json"}},
		strings.NewReader(string(sent)),
	)
	want(t, "status", response.StatusCode, http.StatusOK, text)
	var got, wanted map[string]any
	must(t, json.Unmarshal([]byte(text), &got))
	must(t, json.Unmarshal(sent, &wanted))
	delete(wanted, "nullable_date") // the server omits them
	delete(wanted, "nullable_int")
	if !reflect.DeepEqual(got, wanted) {
		t.Errorf("got %s, sent %s", text, sent)
	}
	for name, bad := range map[string]string{
		"date": `"2026-02-30"`, "time": `"25:00:00Z"`, "duration": `"1h"`, "uuid": `"1"`, "email": `"nobody"`, "uri": `"not a url"`,
		"uri_reference": `"a b"`, "hostname": `"-"`, "ipv4": `"999"`, "ipv6": `"1"`, "byte": `"_"`, "int32": `2147483648`, "int64": `9007199254740992`,
		"float": `1e39`, "nullable_int": `"1"`,
	} {
		response, text := s.send(
			t,
			http.MethodPost,
			"/api/v1/formats",
			http.Header{"Content-Type": {"application/json"}},
			strings.NewReader(`{"`+name+`":`+bad+`}`),
		)
		want(t, "status of "+name, response.StatusCode, http.StatusUnprocessableEntity, text)
	}
}

func TestNotFound(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ada, id := s.register(t, "user"), types.UUID{}
	for _, path := range []string{"products/", "images/", "carts/", "exports/"} {
		response, text := s.send(t, http.MethodGet, "/api/v1/"+path+id.String(), ada.header(""), nil)
		want(t, "status of "+path, response.StatusCode, http.StatusNotFound, text)
	}
}
