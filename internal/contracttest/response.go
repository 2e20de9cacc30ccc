package contracttest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

// exchange is a request and its answer.
type exchange struct {
	req  *http.Request
	resp *http.Response
	body []byte
}

// defaultStatuses are those that `default` stands for in every operation.
var defaultStatuses = []int{
	http.StatusBadRequest, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType,
	http.StatusInternalServerError, http.StatusServiceUnavailable,
}

// unannounced are the headers that any answer may carry without the contract saying so: HTTP's own and those that
// middleware sets for browsers. A header that clients are meant to act on has to be in the contract.
var unannounced = []string{
	"Cache-Control", "Connection", "Content-Encoding", "Content-Length", "Content-Type", "Date", "Vary",
	"Access-Control-Allow-Origin", "Access-Control-Expose-Headers",
	"Content-Security-Policy", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "Permissions-Policy",
	"Referrer-Policy", "Strict-Transport-Security", "X-Content-Type-Options", "X-Frame-Options",
}

// check says what is wrong with the answer of this operation.
func (op Operation) check(x exchange) []string {
	response := op.response(x.resp.StatusCode)
	if response == nil {
		return []string{fmt.Sprintf("the status is not documented (only %s)", strings.Join(op.statuses(), ", "))}
	}
	farewell := op.farewell()
	complaints := checkHeaders(response, x.resp.Header, slices.AppendSeq(slices.Clone(unannounced), maps.Keys(farewell)))
	for _, name := range slices.Sorted(maps.Keys(farewell)) {
		if got := x.resp.Header.Values(name); !slices.Equal(got, []string{farewell[name]}) {
			complaints = append(complaints, fmt.Sprintf("header %s is %q, by the contract's dates it is %q", name, got, farewell[name]))
		}
	}
	complaints = append(complaints, op.contract.checkBody(response, x)...)
	if code := problemCode(x); code == routeNotFound || code == methodNotAllowed {
		complaints = append(complaints, fmt.Sprintf("the code is %s, but the operation exists", code))
	}
	return complaints
}

// farewell are the headers of each answer of a deprecated operation, which no response has to list: since when it is
// deprecated (RFC 9745: a date in seconds since 1970), and when it goes (RFC 8594: an HTTP date).
func (op Operation) farewell() map[string]string {
	if !op.spec.Deprecated {
		return nil
	}
	date := func(extension string) time.Time {
		text, _ := op.spec.Extensions[extension].(string)
		day, _ := time.Parse(time.DateOnly, text) // without a date, the server does not start
		return day
	}
	return map[string]string{
		"Deprecation": fmt.Sprintf("@%d", date("x-deprecated-since").Unix()),
		"Sunset":      date("x-sunset").Format(http.TimeFormat),
	}
}

// response returns how the contract describes an answer with this status, or nil.
func (op Operation) response(status int) *openapi3.Response {
	// Not Responses.Status, which also accepts ranges.
	if exact := op.spec.Responses.Value(strconv.Itoa(status)); exact != nil {
		return exact.Value
	}
	if fallback := op.spec.Responses.Default(); fallback != nil && slices.Contains(defaultStatuses, status) {
		return fallback.Value
	}
	return op.conditional(status)
}

// conditional returns the answers to If-Match and If-None-Match, which every GET with an ETag has and no contract has to
// write: 304 with the headers of 200, and 412. It returns nil for all others.
func (op Operation) conditional(status int) *openapi3.Response {
	ok := op.spec.Responses.Value("200")
	if op.Method != http.MethodGet || ok == nil || ok.Value.Headers["ETag"] == nil {
		return nil
	}
	switch status {
	case http.StatusNotModified:
		return &openapi3.Response{Headers: ok.Value.Headers}
	case http.StatusPreconditionFailed:
		return op.contract.problem
	default:
		return nil
	}
}

func (op Operation) statuses() []string {
	return slices.Sorted(maps.Keys(op.spec.Responses.Map()))
}

// checkHeaders wants the documented headers, each at most once and of its schema, and no others but the allowed.
func checkHeaders(response *openapi3.Response, header http.Header, allowed []string) []string {
	var complaints []string
	documented := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(response.Headers)) {
		spec := response.Headers[name].Value
		documented[http.CanonicalHeaderKey(name)] = true
		values := header.Values(name)
		switch {
		case len(values) == 0 && spec.Required:
			complaints = append(complaints, fmt.Sprintf("header %s is missing", name))
		case len(values) > 1:
			complaints = append(complaints, fmt.Sprintf("header %s came %d times", name, len(values)))
		case len(values) == 1:
			value := values[0]
			for _, violation := range violations(spec.Schema.Value, decodeText(spec.Schema.Value, value)) {
				complaints = append(complaints, fmt.Sprintf("header %s: %s", name, violation))
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(header)) {
		if !documented[name] && !slices.Contains(allowed, name) {
			complaints = append(complaints, fmt.Sprintf("header %s is not in the contract", name))
		}
	}
	return complaints
}

// checkBody wants the documented content type to the letter and a body of its schema.
func (c *contract) checkBody(response *openapi3.Response, x exchange) []string {
	contentType := strings.Join(x.resp.Header.Values("Content-Type"), ", ")
	if len(response.Content) == 0 {
		if contentType != "" || len(x.body) > 0 {
			return []string{"the contract has no body here"}
		}
		return nil
	}
	media := response.Content[contentType] // not Content.Get, which ignores parameters
	if media == nil {
		return []string{fmt.Sprintf("content type %q is not documented (only %s)", contentType,
			strings.Join(slices.Sorted(maps.Keys(response.Content)), ", "))}
	}
	if x.req.Method == http.MethodHead || media.Schema == nil || !isJSON(contentType) {
		return nil
	}
	value, err := decode(x.body)
	if err != nil {
		return []string{err.Error()}
	}
	complaints := violations(media.Schema.Value, value)
	if contentType == problemType {
		complaints = append(complaints, c.checkProblem(x, value)...)
	}
	return complaints
}
