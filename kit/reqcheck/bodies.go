package reqcheck

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/plinth/kit/problem"
	"example.com/plinth/kit/strictjson"
)

const (
	mediaTypeJSON      = "application/json"
	mediaTypeForm      = "application/x-www-form-urlencoded"
	mediaTypeMultipart = "multipart/form-data"
	mediaTypeText      = "text/plain"

	headerContentType = "Content-Type"
	// mediaTypeMergePatch is an alias of JSON for PATCH (RFC 7396): absent members stay, null
	// clears.
	mediaTypeMergePatch = "application/merge-patch+json"

	// maxBodyBytes is the limit of bodies of operations without x-max-bytes.
	maxBodyBytes = 64 << 10
	// maxContentTypeBytes is more than any client sends.
	maxContentTypeBytes = 256
)

// bodyKind says how a body is read.
type bodyKind int

const (
	bodyJSON   bodyKind = iota + 1
	bodyForm            // of strings, numbers, booleans and lists of them
	bodyText            // one string
	bodyParts           // multipart: validated part by part while the handler reads
	bodyStream          // bytes, not validated
)

// requestBody is the body of an operation.
type requestBody struct {
	required bool
	isPatch  bool // JSON may be sent as a merge patch
	maxBytes int64
	media    []*bodyMedia
}

// bodyMedia is one media type of a body.
type bodyMedia struct {
	mediaType string // may be a range, such as image/*
	kind      bodyKind
	schema    *openapi3.Schema
	strict    bool             // see isStrict
	parts     map[string]*part // of bodyParts
}

// read validates the body of a request, unless it is streamed, and returns its faults. The error is
// for a body that cannot be read. Decoded JSON is in checked, other bodies are in the request.
func (b *requestBody) read(w http.ResponseWriter, r *http.Request, checked *Request) ([]problem.FieldError, error) {
	if !b.required {
		if absent, err := isBodyAbsent(r); absent || err != nil {
			return nil, err
		}
	}
	media, err := b.mediaOf(r.Header)
	if err != nil {
		return nil, err
	}
	if media.kind == bodyStream || media.kind == bodyParts {
		return nil, b.stream(w, r, media)
	}
	data, err := checked.from.read(w, r, b.maxBytes, checked)
	if err != nil {
		return nil, err
	}
	done, err := checked.from.decoding(r.Context(), len(data))
	if err != nil {
		return nil, err
	}
	defer done()
	return media.decode(r, data, checked)
}

// isBodyAbsent reports whether a request has no body. Without Content-Length it reads the first
// byte.
func isBodyAbsent(r *http.Request) (bool, error) {
	if r.ContentLength >= 0 {
		return r.ContentLength == 0, nil
	}
	first := make([]byte, 1)
	switch _, err := io.ReadFull(r.Body, first); {
	case errors.Is(err, io.EOF):
		r.Body, r.ContentLength = http.NoBody, 0
		return true, nil
	case err != nil:
		return false, readError(err, maxBodyBytes)
	}
	r.Body = &peekedBody{io.MultiReader(bytes.NewReader(first), r.Body), r.Body}
	return false, nil
}

// peekedBody is a body whose first byte was read and put back.
type peekedBody struct {
	io.Reader
	io.Closer
}

// decode validates a body in memory.
func (m *bodyMedia) decode(r *http.Request, data []byte, checked *Request) ([]problem.FieldError, error) {
	switch m.kind {
	case bodyForm:
		return m.readForm(r, data)
	case bodyText:
		r.Body = io.NopCloser(bytes.NewReader(data))
		return m.readText(r.Context(), data)
	default:
		value, found, err := readJSON(r.Context(), m.schema, m.strict, data)
		checked.JSON, checked.HasJSON = value, true
		return found, err
	}
}

// stream prepares a body that the handler reads from the connection.
func (b *requestBody) stream(w http.ResponseWriter, r *http.Request, media *bodyMedia) error {
	if r.ContentLength > b.maxBytes {
		return tooLarge(b.maxBytes)
	}
	r.Body = &limitedBody{http.MaxBytesReader(w, r.Body, b.maxBytes), b.maxBytes}
	if media.kind == bodyStream {
		return nil
	}
	parts, err := newPartsReader(r, media)
	if err == nil {
		r.Body = parts
	}
	return err
}

// limitedBody returns problems as read errors, so that handlers can return them.
type limitedBody struct {
	io.ReadCloser

	limit int64
}

func (l *limitedBody) Read(p []byte) (int, error) {
	n, err := l.ReadCloser.Read(p)
	if err == nil || errors.Is(err, io.EOF) {
		return n, err
	}
	return n, readError(err, l.limit)
}

// mediaOf finds the media type of a request among those of the operation. Generated code compares
// the header with them as texts, so the header is rewritten in canonical form.
func (b *requestBody) mediaOf(header http.Header) (*bodyMedia, error) {
	for _, coding := range header.Values("Content-Encoding") {
		if coding != "" && !strings.EqualFold(coding, "identity") {
			return nil, errUnsupportedMedia.WithDetail("Compressed bodies are not accepted.")
		}
	}
	contentType := header.Get(headerContentType)
	if len(header.Values(headerContentType)) > 1 || len(contentType) > maxContentTypeBytes {
		return nil, b.unsupported()
	}
	mediaType, parameters, err := mime.ParseMediaType(contentType)
	if err != nil {
		return nil, b.unsupported()
	}
	if b.isPatch && mediaType == mediaTypeMergePatch {
		mediaType = mediaTypeJSON
	}
	for _, media := range b.media {
		if !matchesMediaType(media.mediaType, mediaType) {
			continue
		}
		if !media.takes(parameters) {
			break
		}
		if media.kind != bodyStream {
			header.Set(headerContentType, mime.FormatMediaType(mediaType, parameters))
		}
		return media, nil
	}
	return nil, b.unsupported()
}

// takes reports whether the parameters of a media type are supported: UTF-8, and a boundary of
// parts.
func (m *bodyMedia) takes(parameters map[string]string) bool {
	for name, value := range parameters {
		switch {
		case m.kind == bodyStream:
		case m.kind == bodyParts && name == "boundary":
		case name != "charset" || !strings.EqualFold(value, "utf-8"):
			return false
		}
	}
	return m.kind != bodyParts || parameters["boundary"] != ""
}

func (b *requestBody) unsupported() error {
	types := strings.Join(b.mediaTypes(), " or ")
	return errUnsupportedMedia.WithDetail("The body must be " + types + inUTF8(b.media) + ", uncompressed.")
}

// mediaTypes returns the media types that a request may have.
func (b *requestBody) mediaTypes() []string {
	var names []string
	for _, media := range b.media {
		if media.mediaType == mediaTypeJSON && b.isPatch {
			names = append(names, mediaTypeMergePatch)
		}
		names = append(names, media.mediaType)
	}
	return names
}

func inUTF8(media []*bodyMedia) string {
	for _, m := range media {
		if m.kind == bodyStream || m.kind == bodyParts {
			return ""
		}
	}
	return " in UTF-8"
}

// matchesMediaType reports whether a media type is in a range, such as image/* or */*.
func matchesMediaType(pattern, mediaType string) bool {
	wantType, wantSubtype, _ := strings.Cut(pattern, "/")
	gotType, gotSubtype, _ := strings.Cut(mediaType, "/")
	return (wantType == "*" || strings.EqualFold(wantType, gotType)) &&
		(wantSubtype == "*" || strings.EqualFold(wantSubtype, gotSubtype))
}

func readJSON(
	ctx context.Context, schema *openapi3.Schema, strict bool, data []byte,
) (any, []problem.FieldError, error) {
	body, err := strictjson.Decode(ctx, data, schema)
	switch {
	case errors.Is(err, strictjson.ErrEmpty):
		return nil, nil, errMalformed.WithDetail("The body is empty.")
	case errors.Is(err, strictjson.ErrTooDeep):
		return nil, nil, errMalformed.WithDetail(fmt.Sprintf("The body is nested more than %d levels "+
			"deep.", strictjson.MaxDepth))
	case errors.Is(err, strictjson.ErrMalformed):
		return nil, nil, errMalformed.WithDetail(
			"The body is not one valid JSON value in UTF-8, or it repeats a member.").Because(err)
	case err != nil:
		return nil, nil, err
	case !body.Complete:
		return nil, body.Found, nil
	}
	found, err := validateValue(ctx, schema, strict, body.Value)
	found = slices.DeleteFunc(found, func(wrong problem.FieldError) bool {
		// A pattern that excludes control characters would report them again.
		return wrong.Code == "invalid_format" && slices.Contains(body.Found, problem.ControlCharacter(wrong.Pointer))
	})
	return body.Value, append(body.Found, found...), err
}

func (m *bodyMedia) readText(ctx context.Context, data []byte) ([]problem.FieldError, error) {
	if !utf8.Valid(data) {
		return []problem.FieldError{{Code: "invalid_format", Detail: detailUTF8}}, nil
	}
	text := string(data)
	if strictjson.HasControlCharacters(m.schema, text) {
		return []problem.FieldError{problem.ControlCharacter("")}, nil
	}
	return validateValue(ctx, m.schema, m.strict, text)
}

// readForm validates a form and sets it in the request: generated code would parse the query into
// it.
func (m *bodyMedia) readForm(r *http.Request, data []byte) ([]problem.FieldError, error) {
	if most := m.maxFormTexts(); bytes.Count(data, []byte("&")) >= most {
		return []problem.FieldError{
			{Code: "too_many_members", Detail: fmt.Sprintf("Must have at most %d members.", most)},
		}, nil
	}
	form, err := url.ParseQuery(string(data))
	if err != nil {
		return nil, errMalformed.WithDetail("The body is not a form.").Because(err)
	}
	value := map[string]any{}
	var found []problem.FieldError
	for name, texts := range form {
		member, wrong := m.formMember(name, texts)
		if wrong != nil {
			found = append(found, *wrong)
			continue
		}
		value[name] = member
	}
	r.PostForm, r.Form = form, form
	if len(found) > 0 {
		return found, nil
	}
	return validateValue(r.Context(), m.schema, m.strict, value)
}

// maxFormTexts returns the limit of texts in a form.
func (m *bodyMedia) maxFormTexts() int {
	most := maxQueryParameters
	for _, property := range m.schema.Properties {
		list := &parameter{schema: property.Value}
		if list.isList() {
			most += int(min(list.maxParts(), maxBodyBytes))
		}
	}
	return most
}

// formMember reads a member of a form: one text, or several if it is a list. It replaces CR LF,
// which browsers send for line breaks, with LF as in JSON, also in texts.
func (m *bodyMedia) formMember(name string, texts []string) (any, *problem.FieldError) {
	property := m.schema.Properties[name]
	if property == nil {
		wrong := problem.UnknownMember([]string{name})
		return nil, &wrong
	}
	schema := property.Value
	isList := typesOf(schema).Is(openapi3.TypeArray)
	if isList {
		schema = schema.Items.Value
	} else if len(texts) > 1 {
		return nil, &problem.FieldError{Pointer: problem.Pointer([]string{name}), Code: "invalid", Detail: detailOnce}
	}
	items := make([]any, len(texts))
	for i, text := range texts {
		texts[i] = strings.ReplaceAll(text, "\r\n", "\n")
		value, wrong := formText(schema, texts[i])
		if wrong != nil {
			wrong.Pointer = problem.Pointer([]string{name})
			return nil, wrong
		}
		items[i] = value
	}
	if isList {
		return items, nil
	}
	return items[0], nil
}

// formText reads one text of a form.
func formText(schema *openapi3.Schema, text string) (any, *problem.FieldError) {
	if !utf8.ValidString(text) {
		return nil, &problem.FieldError{Code: "invalid_format", Detail: detailUTF8}
	}
	if strictjson.HasControlCharacters(schema, text) {
		wrong := problem.ControlCharacter("")
		return nil, &wrong
	}
	value, err := scalar(schema, text)
	if err != nil {
		return nil, &problem.FieldError{Code: "invalid_type", Detail: "Must be " + article(typesOf(schema)) + "."}
	}
	return value, nil
}
