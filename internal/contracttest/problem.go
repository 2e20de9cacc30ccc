package contracttest

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

const (
	problemType      = "application/problem+json"
	problemURN       = "urn:problem-type:" // followed by the code
	requestIDHeader  = "X-Request-ID"
	validationFailed = "validation_failed"
	routeNotFound    = "route_not_found"
	methodNotAllowed = "method_not_allowed"
)

// checkProblem wants a problem document to agree with the table of codes, with itself and with the answer around it.
func (c *contract) checkProblem(x exchange, value any) []string {
	problem, ok := value.(map[string]any)
	if !ok {
		return nil // which its schema says already
	}
	complaints := c.checkCode(problem, x.resp.StatusCode)
	if id := x.resp.Header.Get(requestIDHeader); problem["request_id"] != id {
		complaints = append(complaints, fmt.Sprintf("request_id is %v, %s is %q", problem["request_id"], requestIDHeader, id))
	}
	if path := requestPath(x.req); problem["instance"] != path {
		complaints = append(complaints, fmt.Sprintf("instance is %v, the path asked for was %s", problem["instance"], path))
	}
	return complaints
}

// checkCode wants the members of a problem document that follow from its code.
func (c *contract) checkCode(problem map[string]any, status int) []string {
	var complaints []string
	code, _ := problem["code"].(string)
	if want, known := c.problems[code]; !known {
		complaints = append(complaints, fmt.Sprintf("code %q is not in the table of codes", code))
	} else if want != status {
		complaints = append(complaints, fmt.Sprintf("code %s has status %d in the table of codes", code, want))
	}
	if problem["status"] != float64(status) {
		complaints = append(complaints, fmt.Sprintf("member status is %v", problem["status"]))
	}
	if problem["type"] != problemURN+code {
		complaints = append(complaints, fmt.Sprintf("type is %v, not %s", problem["type"], problemURN+code))
	}
	fields, sent := problem["errors"].([]any)
	if sent != (code == validationFailed) {
		complaints = append(complaints, "errors go with "+validationFailed+", and only with it")
	}
	for i, field := range fields {
		for _, complaint := range c.checkField(field) {
			complaints = append(complaints, fmt.Sprintf("/errors/%d: %s", i, complaint))
		}
	}
	return complaints
}

// pointer is the syntax of RFC 6901.
var pointer = regexp.MustCompile(`^(?:/(?:[^~/]|~[01])*)*$`)

// checkField wants an entry of `errors` to have a code of the table and to name one place.
func (c *contract) checkField(value any) []string {
	field, ok := value.(map[string]any)
	if !ok {
		return nil // which its schema says already
	}
	var complaints []string
	if code, _ := field["code"].(string); !c.fieldCodes[code] {
		complaints = append(complaints, fmt.Sprintf("code %q is not in the table of field codes", code))
	}
	at, inBody := field["pointer"].(string)
	_, hasIn := field["in"]
	_, hasName := field["name"]
	if hasIn != hasName || inBody == hasIn {
		complaints = append(complaints, "either pointer or both in and name say where")
	}
	if inBody && !pointer.MatchString(at) {
		complaints = append(complaints, fmt.Sprintf("%q is not a JSON pointer", at))
	}
	return complaints
}

// problemCode returns the code of a problem document, or "".
func problemCode(x exchange) string {
	value, err := decode(x.body)
	if err != nil {
		return ""
	}
	problem, _ := value.(map[string]any)
	code, _ := problem["code"].(string)
	return code
}

// elsewhere are the paths that the service answers beside the contract's: the contract itself and the pages that show
// it, with all that is below them.
var elsewhere = []string{"/api/openapi.json", "/api/openapi.yaml", "/api/docs", "/api/redoc"}

// checkElsewhere says what is wrong with an answer where the contract has no operation; methods are those that it has
// at this path.
func (c *contract) checkElsewhere(x exchange, methods []string) []string {
	status, path := x.resp.StatusCode, requestPath(x.req)
	shown := slices.ContainsFunc(elsewhere, func(root string) bool {
		return path == root || strings.HasPrefix(path, root+"/")
	})
	if status < http.StatusBadRequest {
		switch {
		case !shown && x.req.Method != http.MethodOptions:
			return []string{"the contract has no such operation"}
		case x.resp.Header.Get(requestIDHeader) == "":
			return []string{"header " + requestIDHeader + " is missing"}
		}
		return nil
	}
	complaints := checkHeaders(c.problem, x.resp.Header, append(slices.Clone(unannounced), "Allow"))
	complaints = append(complaints, c.checkBody(c.problem, x)...)
	switch {
	case slices.Contains(defaultStatuses, status): // refused before it was routed
	case len(methods) > 0:
		complaints = append(complaints, checkRefusal(x, http.StatusMethodNotAllowed, methodNotAllowed)...)
		complaints = append(complaints, checkAllow(x.resp.Header, methods)...)
	case shown && status == http.StatusMethodNotAllowed:
		complaints = append(complaints, checkRefusal(x, http.StatusMethodNotAllowed, methodNotAllowed)...)
	default:
		complaints = append(complaints, checkRefusal(x, http.StatusNotFound, routeNotFound)...)
	}
	return complaints
}

func checkRefusal(x exchange, status int, code string) []string {
	if x.resp.StatusCode != status {
		return []string{fmt.Sprintf("the contract has no such operation, so the status is %d", status)}
	}
	if got := problemCode(x); got != code && x.req.Method != http.MethodHead {
		return []string{"the contract has no such operation, so the code is " + code}
	}
	return nil
}

// checkAllow wants Allow to name the contract's methods, HEAD where there is GET, and perhaps OPTIONS.
func checkAllow(header http.Header, methods []string) []string {
	want := slices.Clone(methods)
	if slices.Contains(want, http.MethodGet) && !slices.Contains(want, http.MethodHead) {
		want = append(want, http.MethodHead)
	}
	var got []string
	for method := range strings.SplitSeq(header.Get("Allow"), ",") {
		if method = strings.TrimSpace(method); method != http.MethodOptions {
			got = append(got, method)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		return []string{fmt.Sprintf("Allow is %q, the contract has %s", header.Get("Allow"), strings.Join(want, ", "))}
	}
	return nil
}
