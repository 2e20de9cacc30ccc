package reqcheck_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/runtime"
	"github.com/oapi-codegen/runtime/types"

	"example.com/plinth/kit/apispec"
	"example.com/plinth/kit/problem"
	"example.com/plinth/kit/reqcheck"
)

// valueKind is a scalar schema, the Go type that the generated code has for it, and two values.
type valueKind struct {
	schema  string
	goType  reflect.Type
	samples [2]any
}

func valueKinds() []valueKind {
	return []valueKind{
		{`{"type":"string","minLength":1}`, reflect.TypeFor[string](), [2]any{"a b,c", "a.b|=1"}},
		{`{"type":"string","pattern":"^[a-z]+$"}`, reflect.TypeFor[string](), [2]any{"a", "true"}},
		{`{"type":"string","enum":["open","1"]}`, reflect.TypeFor[string](), [2]any{"open", "1"}},
		{`{"type":"string","format":"date"}`, reflect.TypeFor[types.Date](), [2]any{"2026-01-02", "0001-01-01"}},
		{`{"type":"string","format":"date-time"}`, reflect.TypeFor[time.Time](), [2]any{"2026-01-02T03:04:05Z", "2026-01-02T03:04:05.5Z"}},
		{`{"type":"string","format":"duration"}`, reflect.TypeFor[types.Duration](), [2]any{"P1D", "PT1H"}},
		{`{"type":"string","format":"uuid"}`, reflect.TypeFor[types.UUID](), [2]any{"0193f0c4-5b7a-7c3e-9d55-3f1b2a4c6d8e", "00000000-0000-0000-0000-000000000000"}},
		{`{"type":"string","format":"byte"}`, reflect.TypeFor[[]byte](), [2]any{"YQ==", "YWJj"}},
		{`{"type":"string","format":"email"}`, reflect.TypeFor[string](), [2]any{"ada@example.com", "a+b@example.com"}},
		{`{"type":"string","format":"ipv4"}`, reflect.TypeFor[string](), [2]any{"192.0.2.1", "0.0.0.0"}},
		{`{"type":"integer","format":"int32"}`, reflect.TypeFor[int32](), [2]any{-7, 2147483647}},
		{`{"type":"integer","format":"int32","minimum":0,"maximum":9}`, reflect.TypeFor[int32](), [2]any{0, 9}},
		{`{"type":"integer","format":"int64"}`, reflect.TypeFor[int64](), [2]any{9007199254740991, -1}},
		{`{"type":"number","format":"float"}`, reflect.TypeFor[float32](), [2]any{1.5, -0.25}},
		{`{"type":"number","format":"double"}`, reflect.TypeFor[float64](), [2]any{12.5, -3}},
		{`{"type":"boolean"}`, reflect.TypeFor[bool](), [2]any{true, false}},
	}
}

// valueShape is a schema that holds one or more values of a kind.
type valueShape struct {
	schema  string
	goType  reflect.Type
	samples []any
}

func (k valueKind) shapes() []valueShape {
	one, two := k.samples[0], k.samples[1]
	optional := k.goType
	if optional.Kind() != reflect.Slice {
		optional = reflect.PointerTo(optional)
	}
	list := reflect.SliceOf(k.goType)
	listSchema := `{"type":"array","items":` + k.schema + `}`
	object := structOf(optional, "a", "b")
	inner := structOf(list, "b")
	return []valueShape{
		{k.schema, k.goType, []any{one, two}},
		{listSchema, list, []any{[]any{one}, []any{one, two}}},
		{
			`{"type":"object","properties":{"a":` + k.schema + `,"b":` + k.schema + `}}`, object,
			[]any{map[string]any{"a": one}, map[string]any{"a": two, "b": one}},
		},
		{
			`{"type":"object","additionalProperties":` + k.schema + `}`, reflect.MapOf(reflect.TypeFor[string](), k.goType),
			[]any{map[string]any{"x": one}, map[string]any{"x": two, "y": one}},
		},
		{
			`{"type":"object","properties":{"a":{"type":"object","properties":{"b":` + listSchema + `}}}}`,
			structOf(reflect.PointerTo(inner), "a"),
			[]any{map[string]any{"a": map[string]any{"b": []any{one}}}, map[string]any{"a": map[string]any{"b": []any{one, two}}}},
		},
	}
}

// structOf returns what the generated code makes of an object with these optional members.
func structOf(member reflect.Type, names ...string) reflect.Type {
	fields := make([]reflect.StructField, len(names))
	for i, name := range names {
		fields[i] = reflect.StructField{
			Name: string(name[0] - 'a' + 'A'), Type: member, Tag: reflect.StructTag(`json:"` + name + `,omitempty"`),
		}
	}
	return reflect.StructOf(fields)
}

// styledParameter is the parameter p in one style.
type styledParameter struct {
	*openapi3.Parameter

	shape valueShape
	checker
}

// styles are all that OpenAPI 3.0 has.
func styles() map[string][]string {
	return map[string][]string{
		"path": {"simple", "label", "matrix"}, "query": {"form", "spaceDelimited", "pipeDelimited", "deepObject"},
		"header": {"simple"}, "cookie": {"form"},
	}
}

// oddTexts are values that some styles and types accept, and others refuse.
func oddTexts() []string {
	return []string{
		"", " ", ",", "a", "a,b", "a b", "a|b", "1", "1,2", "1 2", "1|2", "-1", "-0", "+1", "1e3", "1E400", "01", "0x1", "1_0", "1.", ".1",
		"true", "null", "NaN", "a=1", "a,1", "a=1,b=2", "a,1,b,2", "a,a,b,b", ".a", ".1.2", ".1,2", ".a=1", ".a=1.b=2", ".a,1", ";p=1", ";p=a",
		";p=1,2", ";p=1;p=2", ";p=a,1,b,2", ";a=1;b=2", ";p", ";p=", "2026-01-02", "2026-01-02T03:04:05Z", "2026-01-02t03:04:05z", "24:00:00Z",
		"0193f0c4-5b7a-7c3e-9d55-3f1b2a4c6d8e", "{0193f0c4-5b7a-7c3e-9d55-3f1b2a4c6d8e}", "YQ==", "YQ", "P1D", "P1W", `"a"`, `\`, "é",
		`{"a":1}`, "[1]", "%41", "9007199254740993", "2147483648", "open", "open,1",
	}
}

// TestParametersOfEveryStyleBind combines all styles and types: Compile rejects the parameter, or
// the runtime of generated code binds all valid texts, to the value that was sent.
func TestParametersOfEveryStyleBind(t *testing.T) {
	t.Parallel()
	served, all := 0, 0
	for in, styles := range styles() {
		for _, style := range styles {
			for _, kind := range valueKinds() {
				for _, shape := range kind.shapes() {
					for _, explode := range []bool{false, true} {
						all++
						if p := newStyledParameter(t, in, style, explode, shape); p != nil {
							served++
							p.try(t)
						}
					}
				}
			}
		}
	}
	want(t, "parameters that are served", served, 534)
	want(t, "parameters", all, 1440)
}

// newStyledParameter returns nil if Compile rejects the parameter.
func newStyledParameter(t *testing.T, in, style string, explode bool, shape valueShape) *styledParameter {
	t.Helper()
	var schema openapi3.SchemaRef
	must(t, json.Unmarshal([]byte(shape.schema), &schema))
	p := &openapi3.Parameter{Name: "p", In: in, Style: style, Explode: &explode, Required: in == "path", Schema: &schema}
	c, err := compileParameter(p)
	if err != nil {
		return nil
	}
	return &styledParameter{p, shape, c}
}

func (p *styledParameter) try(t *testing.T) {
	t.Helper()
	for _, sample := range p.shape.samples {
		bound, found := p.send(t, p.encode(t, sample))
		if len(found) > 0 || !reflect.DeepEqual(asJSON(t, bound), asJSON(t, sample)) {
			t.Errorf("%s: %v is bound as %v %v", p, sample, bound, found)
		}
	}
	for _, text := range oddTexts() {
		for _, encoded := range p.place(text) {
			p.send(t, encoded)
		}
	}
}

// String names the parameter in failures.
func (p *styledParameter) String() string {
	return fmt.Sprintf("%s %s explode=%t %s", p.In, p.Style, *p.Explode, p.shape.schema)
}

// encode writes a value in the style of the parameter.
func (p *styledParameter) encode(t *testing.T, value any) string {
	t.Helper()
	explode := *p.Explode && p.In != "cookie" // cookies cannot be repeated
	style, delimiter := p.Style, map[string]string{"spaceDelimited": "%20", "pipeDelimited": "%7C"}[p.Style]
	if delimiter != "" { // the runtime writes only lists in these
		style = "form"
	}
	text, err := runtime.StyleParamWithOptions(style, explode, "p", value, runtime.StyleParamOptions{ParamLocation: p.location()})
	must(t, err)
	if delimiter != "" {
		text = strings.ReplaceAll(text, ",", delimiter)
	}
	return text
}

func (p *styledParameter) location() runtime.ParamLocation {
	return map[string]runtime.ParamLocation{
		"path": runtime.ParamLocationPath, "query": runtime.ParamLocationQuery,
		"header": runtime.ParamLocationHeader, "cookie": runtime.ParamLocationCookie,
	}[p.In]
}

// place writes a text where the parameter, or a part of it, is expected.
func (p *styledParameter) place(text string) []string {
	switch p.In {
	case "path":
		return []string{url.PathEscape(text)}
	case "query":
		escaped := url.QueryEscape(text)
		return []string{"p=" + escaped, "p=1&p=" + escaped, "a=" + escaped, "p[a]=" + escaped, "p[a][b]=" + escaped, "p[a][b][0]=" + escaped}
	case "cookie":
		return []string{"p=" + text}
	default:
		return []string{text}
	}
}

// send validates a request with the encoded parameter, and binds it as the generated code does if
// it is valid.
func (p *styledParameter) send(t *testing.T, encoded string) (bound any, found []string) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
	path := map[string]string{}
	switch p.In {
	case "path":
		path["p"], _ = url.PathUnescape(encoded)
	case "query":
		r.URL.RawQuery = encoded
	case "header":
		r.Header.Set("P", encoded)
	case "cookie":
		r.Header.Set("Cookie", encoded)
	}
	checked, err := p.Check(p.op, httptest.NewRecorder(), r, path)
	if err != nil {
		if refused, ok := errors.AsType[*problem.Problem](err); ok && refused.Code == problem.CodeMalformedRequest {
			return nil, []string{refused.Detail}
		}
		return nil, fieldErrors(t, err)
	}
	query := checked.Query
	if query == nil {
		query = r.URL.Query()
	}
	target, err := p.bind(r, encoded, query)
	if err != nil {
		t.Errorf("%s: %q passes validation and is not bound: %v", p, encoded, err)
	}
	return target.Interface(), nil
}

// bind does what oapi-codegen generates for the parameter.
func (p *styledParameter) bind(r *http.Request, encoded string, query url.Values) (reflect.Value, error) {
	schema := p.Schema.Value
	kind := (*schema.Type)[0]
	if p.In == "query" {
		optional := p.shape.goType // without a pointer, if it is a list or a map
		if kind := optional.Kind(); kind != reflect.Slice && kind != reflect.Map {
			optional = reflect.PointerTo(optional)
		}
		target := reflect.New(optional)
		return target, runtime.BindQueryParameterWithOptions(p.Style, *p.Explode, false, "p", query, target.Interface(),
			runtime.BindQueryParameterOptions{Type: kind, Format: schema.Format})
	}
	style, target := p.Style, reflect.New(p.shape.goType)
	switch p.In {
	case "header":
		encoded = r.Header["P"][0] // validation may have rewritten it
	case "cookie":
		cookie, err := r.Cookie("p")
		if err != nil {
			return target, nil //nolint:nilerr // net/http drops cookies with odd characters
		}
		style, encoded = "simple", cookie.Value
	}
	return target, runtime.BindStyledParameterWithOptions(style, "p", encoded, target.Interface(), runtime.BindStyledParameterOptions{
		ParamLocation: p.location(), Explode: *p.Explode, Required: p.Required, Type: kind, Format: schema.Format,
	})
}

// TestJSONParametersAreRewritten sends an integer in a form that encoding/json does not decode.
func TestJSONParametersAreRewritten(t *testing.T) {
	t.Parallel()
	var schema openapi3.SchemaRef
	must(t, json.Unmarshal([]byte(`{"type":"object","properties":{"a":{"type":"integer","format":"int32"}}}`), &schema))
	for _, in := range []string{"query", "header"} {
		c, err := compileParameter(&openapi3.Parameter{
			Name: "p", In: in, Content: openapi3.Content{"application/json": {Schema: &schema}},
		})
		must(t, err)
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
		text := `{"a":1e1}`
		if in == "header" {
			r.Header.Set("P", text)
		} else {
			r.URL.RawQuery = url.Values{"p": {text}}.Encode()
		}
		checked, found := c.check(t, r, "")
		want(t, "findings", len(found), 0)
		want(t, "the text for generated code in a "+in, checked.Query.Get("p")+r.Header.Get("P"), `{"a":10}`)
	}
}

// compileParameter compiles a contract whose only operation has one parameter.
func compileParameter(p *openapi3.Parameter) (checker, error) {
	path := "/things"
	if p.In == openapi3.ParameterInPath {
		path += "/{" + p.Name + "}"
	}
	description := "OK"
	spec := &openapi3.T{
		OpenAPI: "3.0.3", Info: &openapi3.Info{Title: "Things", Version: "1"},
		Paths: openapi3.NewPaths(openapi3.WithPath(path, &openapi3.PathItem{Get: &openapi3.Operation{
			OperationID: "getThing", Security: &openapi3.SecurityRequirements{},
			Extensions: map[string]any{"x-rate-class": "read"},
			Parameters: openapi3.Parameters{{Value: p}},
			Responses:  openapi3.NewResponses(openapi3.WithStatus(200, &openapi3.ResponseRef{Value: &openapi3.Response{Description: &description}})),
		}})),
	}
	contract, err := apispec.New(spec, apispec.Rules{RateClasses: []string{"read"}})
	if err != nil {
		return checker{}, err
	}
	compiled, err := reqcheck.Compile(contract)
	return checker{compiled, contract.Operations()[0]}, err
}

// asJSON returns a value with the types of JSON.
func asJSON(t *testing.T, value any) (decoded any) {
	t.Helper()
	text, err := json.Marshal(value)
	must(t, err)
	must(t, json.Unmarshal(text, &decoded))
	return decoded
}
