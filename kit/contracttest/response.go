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

	"example.com/plinth/kit/problem"
)

// exchange is a request and its response.
type exchange struct {
	req  *http.Request
	resp *http.Response
	body []byte
}

// defaultStatuses are the statuses that `default` documents in every operation.
var defaultStatuses = []int{
	http.StatusBadRequest, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType,
	http.StatusInternalServerError, http.StatusServiceUnavailable,
}

// unannounced are headers that any response may have without being documented: those of HTTP
// itself, and those that middleware sets for browsers. Headers for clients to act on must be in the
// contract.
var unannounced = []string{
	"Cache-Control", "Connection", "Content-Encoding", "Content-Length", "Content-Type", "Date", "Vary",
	"Access-Control-Allow-Credentials", "Access-Control-Allow-Origin", "Access-Control-Expose-Headers",
	"Content-Security-Policy", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "Permissions-Policy",
	"Referrer-Policy", "Strict-Transport-Security", "X-Content-Type-Options", "X-Frame-Options",
}

// check returns the violations of a response of this operation.
func (op Operation) check(x exchange) []string {
	response := op.response(x.resp.StatusCode)
	if response == nil {
		return []string{fmt.Sprintf("the status is not documented (only %s)", strings.Join(op.statuses(), ", "))}
	}
	retirement := op.retirement()
	allowed := slices.AppendSeq(slices.Clone(unannounced), maps.Keys(retirement))
	if op.setsCookies() {
		allowed = append(allowed, headerSetCookie)
	}
	complaints := checkHeaders(response, x.resp.Header, allowed)
	for _, name := range slices.Sorted(maps.Keys(retirement)) {
		if got := x.resp.Header.Values(name); !slices.Equal(got, []string{retirement[name]}) {
			complaints = append(complaints,
				fmt.Sprintf("header %s is %q, the contract's dates make it %q", name, got, retirement[name]))
		}
	}
	complaints = append(complaints, op.contract.checkBody(response, x)...)
	if code := problemCode(x); code == problem.CodeRouteNotFound || code == problem.CodeMethodNotAllowed {
		complaints = append(complaints, fmt.Sprintf("the code is %s, but the operation exists", code))
	}
	return complaints
}

// headerSetCookie may come several times (RFC 9110, section 5.3).
const headerSetCookie = "Set-Cookie"

// setsCookies reports whether a response documents Set-Cookie. Errors may then have it, too: they
// clear cookies.
func (op Operation) setsCookies() bool {
	for _, response := range op.spec.Responses.Map() {
		if response.Value.Headers[headerSetCookie] != nil {
			return true
		}
	}
	return false
}

// retirement returns the headers of each response of a deprecated operation: Deprecation (RFC 9745,
// seconds since 1970) and Sunset (RFC 8594, an HTTP date). Responses need not document them.
func (op Operation) retirement() map[string]string {
	if !op.spec.Deprecated {
		return nil
	}
	date := func(extension string) time.Time {
		text, _ := op.spec.Extensions[extension].(string)
		day, _ := time.Parse(time.DateOnly, text) // the server refuses to start without a date
		return day
	}
	return map[string]string{
		"Deprecation": fmt.Sprintf("@%d", date("x-deprecated-since").Unix()),
		"Sunset":      date("x-sunset").Format(http.TimeFormat),
	}
}

// response returns the description of responses with this status, or nil.
func (op Operation) response(status int) *openapi3.Response {
	// Responses.Status would accept ranges, too.
	if exact := op.spec.Responses.Value(strconv.Itoa(status)); exact != nil {
		return exact.Value
	}
	if fallback := op.spec.Responses.Default(); fallback != nil && slices.Contains(defaultStatuses, status) {
		return fallback.Value
	}
	return op.conditional(status)
}

// conditional returns the responses to If-Match and If-None-Match of a GET with an ETag, which
// contracts need not document: 304 with the headers of 200, and 412. It returns nil for other
// statuses and operations.
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

// checkHeaders checks that each documented header comes at most once and matches its schema, and
// that the other headers are allowed.
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
		case len(values) > 1 && name != headerSetCookie:
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

// checkBody checks that the content type is exactly a documented one and that the body matches its
// schema.
func (c *Contract) checkBody(response *openapi3.Response, x exchange) []string {
	contentType := strings.Join(x.resp.Header.Values("Content-Type"), ", ")
	if len(response.Content) == 0 {
		if contentType != "" || len(x.body) > 0 {
			return []string{"the contract has no body here"}
		}
		return nil
	}
	media := response.Content[contentType] // Content.Get would ignore parameters
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
	if contentType == problem.MediaType {
		complaints = append(complaints, c.checkProblem(x, value)...)
	}
	return complaints
}
