package contracttest

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"example.com/plinth/kit/problem"
)

const (
	problemURN      = "urn:problem-type:" // followed by the code
	requestIDHeader = "X-Request-ID"
)

// checkProblem compares a problem document with the table of codes and with the response that
// carries it.
func (c *Contract) checkProblem(x exchange, value any) []string {
	document, ok := value.(map[string]any)
	if !ok {
		return nil // a schema violation
	}
	complaints := c.checkCode(document, x.resp.StatusCode)
	if id := x.resp.Header.Get(requestIDHeader); document["request_id"] != id {
		complaints = append(complaints,
			fmt.Sprintf("request_id is %v, %s is %q", document["request_id"], requestIDHeader, id))
	}
	if path := requestPath(x.req); document["instance"] != path {
		complaints = append(complaints, fmt.Sprintf("instance is %v, the path is %s", document["instance"], path))
	}
	return complaints
}

// checkCode checks the members of a problem document that follow from its code.
func (c *Contract) checkCode(document map[string]any, status int) []string {
	var complaints []string
	code, _ := document["code"].(string)
	if want, known := c.problems[code]; !known {
		complaints = append(complaints, fmt.Sprintf("code %q is not in the table of codes", code))
	} else if want != status {
		complaints = append(complaints, fmt.Sprintf("code %s has status %d in the table of codes", code, want))
	}
	if document["status"] != float64(status) {
		complaints = append(complaints, fmt.Sprintf("member status is %v", document["status"]))
	}
	if document["type"] != problemURN+code {
		complaints = append(complaints, fmt.Sprintf("type is %v, not %s", document["type"], problemURN+code))
	}
	fields, sent := document["errors"].([]any)
	if sent != (code == problem.CodeValidationFailed) {
		complaints = append(complaints, "errors must come with "+problem.CodeValidationFailed+", and only with it")
	}
	for i, field := range fields {
		for _, complaint := range c.checkField(field) {
			complaints = append(complaints, fmt.Sprintf("/errors/%d: %s", i, complaint))
		}
	}
	return complaints
}

// pointer is the syntax of JSON pointers (RFC 6901).
var pointer = regexp.MustCompile(`^(?:/(?:[^~/]|~[01])*)*$`)

// checkField checks that an entry of `errors` has a code of the table and one location.
func (c *Contract) checkField(value any) []string {
	field, ok := value.(map[string]any)
	if !ok {
		return nil // a schema violation
	}
	var complaints []string
	if code, _ := field["code"].(string); !c.fieldCodes[code] {
		complaints = append(complaints, fmt.Sprintf("code %q is not in the table of field codes", code))
	}
	at, inBody := field["pointer"].(string)
	_, hasIn := field["in"]
	_, hasName := field["name"]
	if hasIn != hasName || inBody == hasIn {
		complaints = append(complaints, "the location is either pointer, or in and name")
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
	document, _ := value.(map[string]any)
	code, _ := document["code"].(string)
	return code
}

// checkUnrouted returns the violations of a response to a request without an operation. methods are
// the operations of its path.
func (c *Contract) checkUnrouted(x exchange, methods []string) []string {
	status, path := x.resp.StatusCode, requestPath(x.req)
	isPage := slices.ContainsFunc(c.options.Pages, func(page string) bool {
		return path == page || strings.HasPrefix(path, page+"/")
	})
	if status < http.StatusBadRequest {
		switch {
		case !isPage && x.req.Method != http.MethodOptions:
			return []string{"the contract has no such operation"}
		case x.resp.Header.Get(requestIDHeader) == "":
			return []string{"header " + requestIDHeader + " is missing"}
		}
		return nil
	}
	complaints := checkHeaders(c.problem, x.resp.Header, append(slices.Clone(unannounced), "Allow"))
	complaints = append(complaints, c.checkBody(c.problem, x)...)
	switch {
	case slices.Contains(defaultStatuses, status): // before routing
	case len(methods) > 0:
		complaints = append(complaints, checkRefusal(x, http.StatusMethodNotAllowed, problem.CodeMethodNotAllowed)...)
		complaints = append(complaints, checkAllow(x.resp.Header, methods)...)
	case isPage && status == http.StatusMethodNotAllowed:
		complaints = append(complaints, checkRefusal(x, http.StatusMethodNotAllowed, problem.CodeMethodNotAllowed)...)
	default:
		complaints = append(complaints, checkRefusal(x, http.StatusNotFound, problem.CodeRouteNotFound)...)
	}
	return complaints
}

func checkRefusal(x exchange, status int, code string) []string {
	if x.resp.StatusCode != status {
		return []string{fmt.Sprintf("the contract has no such operation, so the status must be %d", status)}
	}
	if got := problemCode(x); got != code && x.req.Method != http.MethodHead {
		return []string{"the contract has no such operation, so the code must be " + code}
	}
	return nil
}

// checkAllow checks that Allow lists the methods of the contract, HEAD along with GET, and
// optionally OPTIONS.
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
