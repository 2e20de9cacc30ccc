package httpkit

import (
	"maps"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"example.com/plinth/kit/apispec"
	"example.com/plinth/kit/problem"
)

const (
	headerETag        = "Etag" // as net/http spells it
	headerIfMatch     = "If-Match"
	headerIfNoneMatch = "If-None-Match"
)

// ETag returns the strong entity tag of a version (RFC 9110, section 8.8.3).
func ETag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// conditions are the preconditions of a request by entity tags (RFC 9110, section 13); nil ones
// hold. Without Last-Modified, preconditions by date are ignored.
type conditions struct{ ifMatch, ifNoneMatch *string }

// matches reports whether If-Match holds; the comparison is strong, so a weak tag matches nothing.
func (c conditions) matches(tag string) bool {
	if c.ifMatch == nil || *c.ifMatch == "*" {
		return true
	}
	for _, listed := range entityTags.FindAllString(*c.ifMatch, -1) {
		if listed == tag && !strings.HasPrefix(tag, weakPrefix) {
			return true
		}
	}
	return false
}

// noneMatches reports whether If-None-Match holds; the comparison is weak.
func (c conditions) noneMatches(tag string) bool {
	if c.ifNoneMatch == nil {
		return true
	}
	if *c.ifNoneMatch == "*" {
		return false
	}
	for _, listed := range entityTags.FindAllString(*c.ifNoneMatch, -1) {
		if strings.TrimPrefix(listed, weakPrefix) == strings.TrimPrefix(tag, weakPrefix) {
			return false
		}
	}
	return true
}

const (
	weakPrefix = "W/"
	entityTag  = `(?:W/)?"[^"\x00-\x20\x7f-\x9f]*"`
)

var (
	entityTags    = regexp.MustCompile(entityTag)
	entityTagList = regexp.MustCompile(`^(?:\*|[ ,]*` + entityTag + `(?: *,[ ,]*` + entityTag + `)*[ ,]*)$`)
)

// OnlyIf returns a function that reports whether the preconditions of a change hold for the current
// version. It returns nil if there are no preconditions.
func OnlyIf(ifMatch, ifNoneMatch *string) func(version int64) bool {
	if ifMatch == nil && ifNoneMatch == nil {
		return nil
	}
	wanted := conditions{ifMatch, ifNoneMatch}
	return func(version int64) bool {
		tag := ETag(version)
		return wanted.matches(tag) && wanted.noneMatches(tag)
	}
}

var errPreconditionFailed = &problem.Problem{
	Code: problem.CodePreconditionFailed, Detail: "The resource is not the version that If-Match asks for. Read " +
		"it again.",
}

// ConditionalReads evaluates If-Match and If-None-Match of GET and HEAD if the response has an
// ETag, as the published contract says (see package apispec). Changes check the version in their
// transaction, see [OnlyIf].
func ConditionalReads(contract *apispec.Contract) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(ctx echo.Context) error {
			header := ctx.Request().Header
			if header[headerIfMatch] == nil && header[headerIfNoneMatch] == nil {
				return next(ctx)
			}
			op := operationOf(contract, ctx)
			isRead := ctx.Request().Method == http.MethodGet || ctx.Request().Method == http.MethodHead
			if op == nil || !op.HasETag || !isRead {
				return next(ctx)
			}
			wanted, err := readConditions(header)
			if err != nil {
				return err
			}
			return respondIf(ctx, wanted, next)
		}
	}
}

// readConditions returns a problem unless the headers have the form of the published contract.
func readConditions(header http.Header) (conditions, error) {
	var found []problem.FieldError
	read := func(name string) *string {
		values := header[name]
		if len(values) == 0 {
			return nil
		}
		all := strings.Join(values, ", ") // lines are one list (RFC 9110, section 5.3)
		if len(all) > maxTagListBytes || !entityTagList.MatchString(all) {
			found = append(found, problem.FieldError{
				In: openapi3.ParameterInHeader, Name: name, Code: "invalid_format",
				Detail: "Must be * or a list of entity tags, in quotation marks.",
			})
		}
		return &all
	}
	wanted := conditions{read(headerIfMatch), read(headerIfNoneMatch)}
	if len(found) > 0 {
		return conditions{}, problem.Invalid(found...)
	}
	return wanted, nil
}

// maxTagListBytes is the maxLength of both headers in published contracts.
const maxTagListBytes = 512

// respondIf replaces the response if its ETag does not match.
func respondIf(ctx echo.Context, wanted conditions, next echo.HandlerFunc) error {
	response := ctx.Response()
	before := response.Header().Clone()
	writer := &conditionalWriter{ResponseWriter: response.Writer, wanted: wanted}
	response.Writer = writer
	err := next(ctx)
	response.Writer = writer.ResponseWriter
	if err != nil || writer.status == 0 {
		return err
	}
	response.Committed, response.Size = false, 0
	if writer.status == http.StatusPreconditionFailed {
		// Only with the headers of a problem, because Content-Length would be wrong.
		clear(response.Header())
		maps.Copy(response.Header(), before)
		return errPreconditionFailed
	}
	response.Header().Del(echo.HeaderContentType)
	return ctx.NoContent(writer.status)
}

// conditionalWriter drops a response if a precondition fails.
type conditionalWriter struct {
	http.ResponseWriter

	wanted conditions
	status int // of the replacement; 0 if the preconditions hold
}

// Unwrap is for http.ResponseController.
func (w *conditionalWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *conditionalWriter) WriteHeader(status int) {
	tag := w.Header().Get(headerETag)
	switch {
	case status < 200 || status > 299 || tag == "":
	case !w.wanted.matches(tag):
		w.status = http.StatusPreconditionFailed
	case !w.wanted.noneMatches(tag):
		w.status = http.StatusNotModified
	}
	if w.status == 0 {
		w.ResponseWriter.WriteHeader(status)
	}
}

func (w *conditionalWriter) Write(body []byte) (int, error) {
	if w.status != 0 {
		return len(body), nil
	}
	return w.ResponseWriter.Write(body)
}
