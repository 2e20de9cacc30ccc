package httpapi

import (
	"maps"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/problem"
)

const (
	headerETag        = "Etag" // as net/http spells it
	headerIfMatch     = "If-Match"
	headerIfNoneMatch = "If-None-Match"
)

// etag is a strong validator (RFC 9110, section 8.8.3): each change of a row makes a new version.
func etag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// conditions are the preconditions of a request by entity tags (RFC 9110, section 13). Those that are nil hold. There is no
// Last-Modified, so conditions by date are ignored.
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

// onlyIf returns the check that a change makes of the version it is about to replace; nil if all will do.
func onlyIf(ifMatch, ifNoneMatch *string) domain.VersionCheck {
	if ifMatch == nil && ifNoneMatch == nil {
		return nil
	}
	wanted := conditions{ifMatch, ifNoneMatch}
	return func(version int64) bool {
		tag := etag(version)
		return wanted.matches(tag) && wanted.noneMatches(tag)
	}
}

var errPreconditionFailed = &problem.Problem{
	Code: problem.CodePreconditionFailed, Detail: "The resource is not the version that If-Match asks for. Read it again.",
}

// conditionalReads answers GET and HEAD by If-Match and If-None-Match, wherever an answer has an ETag. The published contract
// says so, see apispec.Publish. Changes look at the version in their transaction, with onlyIf.
func conditionalReads(c *contract) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(ctx echo.Context) error {
			header := ctx.Request().Header
			if header[headerIfMatch] == nil && header[headerIfNoneMatch] == nil {
				return next(ctx)
			}
			op := c.operation(ctx)
			if method := ctx.Request().Method; op == nil || !op.HasETag || method != http.MethodGet && method != http.MethodHead {
				return next(ctx)
			}
			wanted, err := readConditions(header)
			if err != nil {
				return err
			}
			return answerIf(ctx, wanted, next)
		}
	}
}

// readConditions fails unless the headers have the form that the published contract gives them.
func readConditions(header http.Header) (conditions, error) {
	var found []problem.FieldError
	read := func(name string) *string {
		values := header[name]
		if len(values) == 0 {
			return nil
		}
		all := strings.Join(values, ", ") // one list, however many lines it comes in (RFC 9110, section 5.3)
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

// maxTagListBytes is the maxLength of both headers in the contract.
const maxTagListBytes = 512

// answerIf holds the answer back until its ETag is known.
func answerIf(ctx echo.Context, wanted conditions, next echo.HandlerFunc) error {
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
	if writer.status == http.StatusPreconditionFailed { // with the headers of a problem only: a Content-Length would be wrong
		clear(response.Header())
		maps.Copy(response.Header(), before)
		return errPreconditionFailed
	}
	response.Header().Del(echo.HeaderContentType)
	return ctx.NoContent(writer.status)
}

// conditionalWriter drops an answer that a condition rules out; status says by which it is to be replaced.
type conditionalWriter struct {
	http.ResponseWriter

	wanted conditions
	status int // 0 lets the answer through
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
