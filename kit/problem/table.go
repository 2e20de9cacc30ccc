package problem

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// MediaType is the Content-Type of problems.
const MediaType = "application/problem+json"

// Kind is what all problems of one code have in common.
type Kind struct {
	Status    int
	Title     string
	Challenge string // WWW-Authenticate (RFC 6750, section 3); empty for none
	// RetryAfter is sent unless the problem has its own; 0 sends none.
	RetryAfter time.Duration
}

// Table has the kind of each code.
type Table map[string]Kind

// Check returns an error unless t has all codes that the protocol causes, and each kind has a
// status and a title. Only contracts with ranges need [CodeRangeNotSatisfiable].
func (t Table) Check() error {
	var missing []string
	for _, code := range []string{
		CodeMalformedRequest, CodeRouteNotFound, CodeMethodNotAllowed, CodeRequestTimeout, CodePreconditionFailed,
		CodeBodyTooLarge, CodeUnsupportedMediaType, CodeValidationFailed, CodeRateLimited, CodeInternalError,
		CodeOverloaded, CodeUnavailable,
	} {
		if _, ok := t[code]; !ok {
			missing = append(missing, code)
		}
	}
	for code, kind := range t {
		if kind.Status == 0 || kind.Title == "" {
			missing = append(missing, code)
		}
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		return errors.New("the table of problems has no status or title for " + strings.Join(missing, ", "))
	}
	return nil
}

// Write writes p as the response to r, whose id is requestID. It returns the error of the
// connection. A code that t does not have is a bug of the caller and panics.
func (t Table) Write(w http.ResponseWriter, r *http.Request, p *Problem, requestID string) error {
	kind, ok := t[p.Code]
	if !ok {
		panic("problem: the table has no code " + p.Code)
	}
	body, err := json.Marshal(newDocument(kind, p, r.URL.EscapedPath(), requestID))
	if err != nil {
		return err
	}
	setHeader(w.Header(), kind, p)
	w.WriteHeader(kind.Status)
	_, err = w.Write(body)
	return err
}

func setHeader(header http.Header, kind Kind, p *Problem) {
	header.Set("Content-Type", MediaType)
	if kind.Challenge != "" {
		header.Set("WWW-Authenticate", kind.Challenge)
	}
	wait := kind.RetryAfter
	if p.RetryAfter > 0 {
		wait = p.RetryAfter
	}
	if wait > 0 {
		header.Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
	}
	if kind.Status == http.StatusRequestTimeout {
		header.Set("Connection", "close") // RFC 9110, section 15.5.9
	}
}

// document is the body of a problem.
type document struct {
	Code      string     `json:"code"`
	Detail    string     `json:"detail"`
	Errors    []location `json:"errors,omitempty"`
	Instance  string     `json:"instance"`
	RequestID string     `json:"request_id"`
	Status    int        `json:"status"`
	Title     string     `json:"title"`
	Type      string     `json:"type"`
}

// location is a field error in a body: either a pointer, or a parameter's place and name.
type location struct {
	Code    string  `json:"code"`
	Detail  string  `json:"detail"`
	In      *string `json:"in,omitempty"`
	Name    *string `json:"name,omitempty"`
	Pointer *string `json:"pointer,omitempty"`
}

func newDocument(kind Kind, p *Problem, instance, requestID string) document {
	d := document{
		Code: p.Code, Detail: p.Detail, Instance: instance, RequestID: requestID,
		Status: kind.Status, Title: kind.Title, Type: "urn:problem-type:" + p.Code,
	}
	for _, field := range Listed(p.Fields) {
		entry := location{Code: field.Code, Detail: field.Detail}
		if field.In == "" {
			entry.Pointer = &field.Pointer
		} else {
			entry.In, entry.Name = &field.In, &field.Name
		}
		d.Errors = append(d.Errors, entry)
	}
	return d
}
