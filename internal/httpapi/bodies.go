package httpapi

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
	"unicode"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"example.com/plinth/kit/problem"
)

const (
	mediaTypeJSON      = "application/json"
	mediaTypeForm      = "application/x-www-form-urlencoded"
	mediaTypeMultipart = "multipart/form-data"
	mediaTypeText      = "text/plain"
	// mediaTypeMergePatch is what a PATCH means anyway (RFC 7396): absent members stay, null clears.
	mediaTypeMergePatch = "application/merge-patch+json"

	// maxBodyBytes is the most that is read of a body, where the operation does not say x-max-bytes.
	maxBodyBytes = 64 << 10
	// maxContentTypeBytes is more than any client sends.
	maxContentTypeBytes = 256
)

// bodyKind is how a body is read.
type bodyKind int

const (
	bodyJSON   bodyKind = iota + 1
	bodyForm            // of texts, numbers and lists of them
	bodyText            // a text that is validated as one
	bodyParts           // multipart: validated part by part while the handler reads
	bodyStream          // bytes, handed over as they come
)

// requestBody is what an operation takes as its body.
type requestBody struct {
	required bool
	isPatch  bool // so that JSON may be called a merge patch
	maxBytes int64
	media    []*bodyMedia
}

// bodyMedia is a body in one media type.
type bodyMedia struct {
	mediaType string // may be a range, such as image/*
	kind      bodyKind
	schema    *openapi3.Schema
	strict    bool             // no object of the schema is open, see undeclared
	parts     map[string]*part // of bodyParts
}

// validatedBody waits in Echo's context for the binder.
type validatedBody struct{ value any }

// validatedBodyKey is where it waits.
const validatedBodyKey = "validated_body"

// read validates the body of a request, as far as it is not streamed, and returns what is wrong with it. The error is for
// a body that cannot be read at all. The generated code then finds what was validated: JSON in the context, see binder,
// and everything else in the request. release must be called once the handler is done, whatever the error.
func (b *requestBody) read(ctx echo.Context, memory *bodyMemory) (found []problem.FieldError, release func(), err error) {
	r := ctx.Request()
	release = func() {}
	if !b.required {
		if absent, err := isBodyAbsent(r); absent || err != nil {
			return nil, release, err
		}
	}
	media, err := b.mediaOf(r.Header)
	if err != nil {
		return nil, release, err
	}
	if media.kind == bodyStream || media.kind == bodyParts {
		return nil, release, b.stream(ctx, media)
	}
	data, release, err := memory.read(ctx.Response(), r, b.maxBytes)
	if err != nil {
		return nil, release, err
	}
	done, err := memory.decoding(r.Context(), len(data))
	if err != nil {
		return nil, release, err
	}
	defer done()
	found, err = media.decode(ctx, data)
	return found, release, err
}

// isBodyAbsent reports whether a request has no body. Only the first byte tells where the length is not announced.
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

// peekedBody is a body whose first byte was read already.
type peekedBody struct {
	io.Reader
	io.Closer
}

// decode validates a body that is held in memory.
func (m *bodyMedia) decode(ctx echo.Context, data []byte) ([]problem.FieldError, error) {
	r := ctx.Request()
	switch m.kind {
	case bodyForm:
		return m.readForm(r, data)
	case bodyText:
		r.Body = io.NopCloser(bytes.NewReader(data))
		return m.readText(r.Context(), data)
	default:
		value, found, err := readJSON(r.Context(), m.schema, m.strict, data)
		ctx.Set(validatedBodyKey, &validatedBody{value})
		return found, err
	}
}

// stream hands on a body that the handler reads as it comes.
func (b *requestBody) stream(ctx echo.Context, media *bodyMedia) error {
	r := ctx.Request()
	if r.ContentLength > b.maxBytes {
		return tooLarge(b.maxBytes)
	}
	r.Body = &limitedBody{http.MaxBytesReader(ctx.Response(), r.Body, b.maxBytes), b.maxBytes}
	if media.kind == bodyStream {
		return nil
	}
	parts, err := newPartsReader(r, media)
	if err == nil {
		r.Body = parts
	}
	return err
}

// limitedBody says in words of the contract why a body cannot be read, to handlers too.
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

// mediaOf finds the media type of a request among those of the operation. The generated code compares the header with them
// as texts, so the header is put into their form.
func (b *requestBody) mediaOf(header http.Header) (*bodyMedia, error) {
	for _, coding := range header.Values(echo.HeaderContentEncoding) {
		if coding != "" && !strings.EqualFold(coding, "identity") {
			return nil, errUnsupportedMedia.WithDetail("Compressed bodies are not accepted.")
		}
	}
	contentType := header.Get(echo.HeaderContentType)
	if len(header.Values(echo.HeaderContentType)) > 1 || len(contentType) > maxContentTypeBytes {
		return nil, b.unsupported()
	}
	mediaType, parameters, err := mime.ParseMediaType(contentType)
	if err != nil {
		return nil, b.unsupported()
	}
	if b.isPatch && mediaType == mediaTypeMergePatch {
		mediaType = mediaTypeJSON // see apispec.Publish
	}
	for _, media := range b.media {
		if !matchesMediaType(media.mediaType, mediaType) {
			continue
		}
		if !media.takes(parameters) {
			break
		}
		if media.kind != bodyStream {
			header.Set(echo.HeaderContentType, mime.FormatMediaType(mediaType, parameters))
		}
		return media, nil
	}
	return nil, b.unsupported()
}

// takes reports whether the parameters of a media type leave the body as it is: UTF-8, and a boundary where there are parts.
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
	return errUnsupportedMedia.WithDetail("The body must be " + strings.Join(b.mediaTypes(), " or ") + inUTF8(b.media) + ", uncompressed.")
}

// mediaTypes returns the media types that a request may have; none if it takes no body.
func (b *requestBody) mediaTypes() []string {
	if b == nil {
		return nil
	}
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

// matchesMediaType reports whether a media type is of a range, such as image/* or */*.
func matchesMediaType(pattern, mediaType string) bool {
	wantType, wantSubtype, _ := strings.Cut(pattern, "/")
	gotType, gotSubtype, _ := strings.Cut(mediaType, "/")
	return (wantType == "*" || strings.EqualFold(wantType, gotType)) &&
		(wantSubtype == "*" || strings.EqualFold(wantSubtype, gotSubtype))
}

func readJSON(ctx context.Context, schema *openapi3.Schema, strict bool, data []byte) (any, []problem.FieldError, error) {
	body, err := decodeStrict(ctx, data, schema)
	switch {
	case errors.Is(err, errEmptyBody):
		return nil, nil, errMalformed.WithDetail("The body is empty.")
	case errors.Is(err, errTooDeep):
		return nil, nil, errMalformed.WithDetail(fmt.Sprintf("The body is nested more than %d levels deep.", maxDepth))
	case errors.Is(err, errMalformedJSON):
		return nil, nil, errMalformed.WithDetail(
			"The body is not one valid JSON value in UTF-8, or it repeats a member.").Because(err)
	case err != nil:
		return nil, nil, err
	case !body.complete:
		return nil, body.found, nil
	}
	found, err := validateValue(ctx, schema, strict, body.value)
	found = slices.DeleteFunc(found, func(wrong problem.FieldError) bool {
		// A pattern that excludes control characters says what is known already.
		known := problem.FieldError{Pointer: wrong.Pointer, Code: codeControlCharacter, Detail: detailControlCharacter}
		return wrong.Code == "invalid_format" && slices.Contains(body.found, known)
	})
	return body.value, append(body.found, found...), err
}

func (m *bodyMedia) readText(ctx context.Context, data []byte) ([]problem.FieldError, error) {
	if !utf8.Valid(data) {
		return []problem.FieldError{{Code: "invalid_format", Detail: "Must be UTF-8."}}, nil
	}
	text := string(data)
	if hasControlCharacters(m.schema, text) {
		return []problem.FieldError{{Code: codeControlCharacter, Detail: detailControlCharacter}}, nil
	}
	return validateValue(ctx, m.schema, m.strict, text)
}

// hasControlCharacters reports whether a text holds one that its schema does not allow.
func hasControlCharacters(schema *openapi3.Schema, text string) bool {
	if (place{}).add(schema).mayHaveLines() {
		return strings.ContainsFunc(text, isUnprintable)
	}
	return strings.ContainsFunc(text, unicode.IsControl)
}

// readForm reads a form, and leaves it in the request as it was validated: the generated code would put the query into it.
func (m *bodyMedia) readForm(r *http.Request, data []byte) ([]problem.FieldError, error) {
	if most := m.maxFormTexts(); bytes.Count(data, []byte("&")) >= most {
		return []problem.FieldError{{Code: "too_many_members", Detail: fmt.Sprintf("Must have at most %d members.", most)}}, nil
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

// maxFormTexts returns how many texts a form may have.
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

// formMember reads a member of a form: one text, or several where it is a list. Browsers send each line break as CR LF; here and
// in the texts it becomes LF, as in JSON.
func (m *bodyMedia) formMember(name string, texts []string) (any, *problem.FieldError) {
	property := m.schema.Properties[name]
	if property == nil {
		wrong := unknownMember([]string{name})
		return nil, &wrong
	}
	schema := property.Value
	isList := typesOf(schema).Is(openapi3.TypeArray)
	if isList {
		schema = schema.Items.Value
	} else if len(texts) > 1 {
		return nil, &problem.FieldError{Pointer: problem.Pointer([]string{name}), Code: "invalid", Detail: "Must be sent only once."}
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

// formText reads a text of a form.
func formText(schema *openapi3.Schema, text string) (any, *problem.FieldError) {
	if !utf8.ValidString(text) {
		return nil, &problem.FieldError{Code: "invalid_format", Detail: "Must be UTF-8."}
	}
	if hasControlCharacters(schema, text) {
		return nil, &problem.FieldError{Code: codeControlCharacter, Detail: detailControlCharacter}
	}
	value, err := scalar(schema, text)
	if err != nil {
		return nil, &problem.FieldError{Code: "invalid_type", Detail: "Must be " + article(typesOf(schema)) + "."}
	}
	return value, nil
}
