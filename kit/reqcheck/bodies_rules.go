package reqcheck

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/plinth/kit/apispec"
)

// extensionMaxBytes is the limit of the body of an operation.
const extensionMaxBytes = "x-max-bytes"

// newBody reads the body of an operation, and returns nil if it has none. It returns an error, with
// a remedy, if generated code would not bind the body as validated.
func newBody(spec *apispec.Operation) (*requestBody, error) {
	op := spec.Spec
	maxBytes, bounded, err := maxBytesOf(op)
	if err != nil || op.RequestBody == nil {
		return nil, err
	}
	b := &requestBody{
		required: op.RequestBody.Value.Required, isPatch: spec.Method == http.MethodPatch, maxBytes: maxBytes,
	}
	content := op.RequestBody.Value.Content
	if len(content) == 0 {
		return nil, errors.New("a request body needs a media type, such as " + mediaTypeJSON)
	}
	for _, mediaType := range slices.Sorted(maps.Keys(content)) {
		media, err := newBodyMedia(mediaType, content[mediaType])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", mediaType, err)
		}
		if media.kind != bodyJSON && !bounded {
			return nil, fmt.Errorf("the body is not %s, so it has no limit of its own: add %s, the most bytes "+
				"that it may have, such as %s: 5242880",
				mediaTypeJSON, extensionMaxBytes, extensionMaxBytes)
		}
		if isHeld := media.kind != bodyStream && media.kind != bodyParts; isHeld && b.maxBytes > maxValidatedBytes {
			return nil, fmt.Errorf("%s: %s is at most %d where the body is validated in memory: send bytes "+
				"(format: binary) or a multipart form",
				mediaType, extensionMaxBytes, maxValidatedBytes)
		}
		b.media = append(b.media, media)
	}
	err = b.checkTogether()
	return b, err
}

func maxBytesOf(op *openapi3.Operation) (maxBytes int64, bounded bool, err error) {
	value, bounded := op.Extensions[extensionMaxBytes]
	if !bounded {
		return maxBodyBytes, false, nil
	}
	number, isNumber := value.(float64)
	if !isNumber || number < 1 || number != float64(int64(number)) {
		return 0, true, errors.New(extensionMaxBytes + " must be a whole number of bytes, at least 1")
	}
	if op.RequestBody == nil {
		return 0, true, errors.New(extensionMaxBytes + " is for operations that take a body")
	}
	return int64(number), true, nil
}

func newBodyMedia(mediaType string, spec *openapi3.MediaType) (*bodyMedia, error) {
	if spec.Schema == nil {
		return nil, errors.New("the body needs a schema; {type: string, format: binary} is for bytes")
	}
	m := &bodyMedia{mediaType: mediaType, schema: spec.Schema.Value, strict: isStrict(spec.Schema)}
	types := typesOf(m.schema)
	var err error
	switch {
	case mediaType == mediaTypeJSON || strings.HasSuffix(mediaType, "+json"):
		m.kind = bodyJSON
		err = checkSchema(spec.Schema)
	case mediaType == mediaTypeForm:
		m.kind = bodyForm
		err = m.checkForm(spec)
	case mediaType == mediaTypeMultipart:
		m.kind = bodyParts
		err = m.addParts(spec)
	case types.Is(openapi3.TypeString) && m.schema.Format == "binary":
		if mediaType == mediaTypeText {
			return nil, errors.New("the generated code reads text/plain as a whole: leave format: binary out, or " +
				"use application/octet-stream")
		}
		m.kind = bodyStream
	case types.Is(openapi3.TypeString):
		m.kind = bodyText
		err = checkSchema(spec.Schema)
	default:
		err = errors.New("the schema must be {type: string}, or with format: binary for bytes: only JSON and " +
			"forms have more")
	}
	return m, err
}

// checkTogether returns an error if generated code cannot distinguish the media types.
func (b *requestBody) checkTogether() error {
	streams := 0
	for _, media := range b.media {
		isNamed := slices.Contains([]string{mediaTypeForm, mediaTypeText, mediaTypeMultipart}, media.mediaType)
		if media.kind != bodyJSON && !isNamed {
			streams++
		}
		for _, other := range b.media {
			if media != other && strings.HasPrefix(media.mediaType, other.mediaType) {
				return fmt.Errorf("the generated code takes %s for %s: give one of them an operation of its "+
					"own", media.mediaType, other.mediaType)
			}
		}
		if len(b.media) > 1 && strings.Contains(media.mediaType, "*") {
			return fmt.Errorf("the generated code has no body for %s beside others: give it an operation of its "+
				"own", media.mediaType)
		}
	}
	if streams > 1 {
		return errors.New("the generated code has one stream for a body: use a range, such as image/* or " +
			"application/octet-stream, or several operations")
	}
	return nil
}

// checkForm checks forms of strings, numbers, booleans and lists of them.
func (m *bodyMedia) checkForm(spec *openapi3.MediaType) error {
	if err := checkSchema(spec.Schema); err != nil {
		return err
	}
	if len(spec.Encoding) > 0 {
		return errors.New("encoding is for multipart forms: leave it out")
	}
	if err := checkIsForm(m.schema); err != nil {
		return err
	}
	for name, property := range m.schema.Properties {
		schema := property.Value
		if typesOf(schema).Is(openapi3.TypeArray) && schema.Items != nil {
			schema = schema.Items.Value
		}
		if strings.ContainsAny(name, "[]") || slices.Contains(formatsOfTypes, schema.Format) {
			return fmt.Errorf("%s: the generated code does not bind %s in a form: use a pattern, or "+
				"%s", name, schema.Format, mediaTypeJSON)
		}
		if err := checkItem(name, schema, ""); err != nil {
			return err
		}
	}
	return nil
}

func checkIsForm(schema *openapi3.Schema) error {
	combines := len(schema.AllOf)+len(schema.OneOf)+len(schema.AnyOf) > 0
	if !schema.Type.Is(openapi3.TypeObject) || combines || schema.AdditionalProperties.Schema != nil {
		return errors.New("a form is an object with properties of its own, without allOf, oneOf, anyOf and other " +
			"members")
	}
	return nil
}

// addParts reads the parts of a multipart form.
func (m *bodyMedia) addParts(spec *openapi3.MediaType) error {
	if err := checkIsForm(m.schema); err != nil {
		return err
	}
	m.parts = map[string]*part{}
	for name, property := range m.schema.Properties {
		p, err := newPart(name, property, spec.Encoding[name])
		if err != nil {
			return fmt.Errorf("the part %s: %w", name, err)
		}
		p.required = slices.Contains(m.schema.Required, name)
		m.parts[name] = p
	}
	for name := range spec.Encoding {
		if m.parts[name] == nil {
			return fmt.Errorf("encoding names %s, which is no property", name)
		}
	}
	return nil
}

func newPart(name string, ref *openapi3.SchemaRef, encoding *openapi3.Encoding) (*part, error) {
	p := &part{name: name}
	if typesOf(ref.Value).Is(openapi3.TypeArray) && ref.Value.Items != nil {
		p.repeats, ref = true, ref.Value.Items
	}
	if encoding != nil {
		for mediaType := range strings.SplitSeq(encoding.ContentType, ",") {
			if mediaType = strings.TrimSpace(mediaType); mediaType != "" {
				p.mediaTypes = append(p.mediaTypes, mediaType)
			}
		}
	}
	types := typesOf(ref.Value)
	if types.Is(openapi3.TypeString) && ref.Value.Format == "binary" {
		return p, nil
	}
	p.schema, p.strict = ref.Value, isStrict(ref)
	isPlain := !types.Is(openapi3.TypeObject) && !types.Is(openapi3.TypeArray) && types != nil
	p.isJSON = !isPlain || slices.Contains(p.mediaTypes, mediaTypeJSON)
	if len(p.mediaTypes) == 0 {
		p.mediaTypes = []string{mediaTypeText}
		if p.isJSON {
			p.mediaTypes = []string{mediaTypeJSON}
		}
	}
	return p, checkSchema(ref)
}
