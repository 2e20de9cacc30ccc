package contracttest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"mime/multipart"
	"net/textproto"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// otherBody draws a valid body for an operation that takes no JSON.
func (s source) otherBody(op Operation) (contentType string, body []byte) {
	if op.spec.RequestBody == nil {
		return "", nil
	}
	content := op.spec.RequestBody.Value.Content
	contentType = slices.Sorted(maps.Keys(content))[0]
	media := content[contentType]
	switch contentType {
	case "multipart/form-data":
		return s.multipartBody(media)
	case "application/x-www-form-urlencoded":
		return contentType, []byte(s.formBody(media.Schema.Value).Encode())
	}
	text, _ := s.valid(media.Schema.Value).(string)
	return strings.ReplaceAll(contentType, "*", "x"), []byte(text)
}

func (s source) formBody(schema *openapi3.Schema) url.Values {
	form := url.Values{}
	members, _ := s.valid(schema).(map[string]any)
	for name, value := range members {
		items, isList := value.([]any)
		if !isList {
			items = []any{value}
		}
		for _, item := range items {
			form.Add(name, fmt.Sprint(item))
		}
	}
	return form
}

func (s source) multipartBody(media *openapi3.MediaType) (contentType string, body []byte) {
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	members, _ := s.valid(media.Schema.Value).(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(members)) {
		header := textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf("form-data; name=%q", name)}}
		if encoding := media.Encoding[name]; encoding != nil {
			first, _, _ := strings.Cut(encoding.ContentType, ",")
			header.Set("Content-Type", first)
		}
		text, isText := members[name].(string)
		if !isText {
			encoded, err := json.Marshal(members[name])
			if err != nil {
				s.tb.Fatalf("encoding %s: %v", name, err)
			}
			text = string(encoded)
		}
		part, err := w.CreatePart(header)
		if err == nil {
			_, err = part.Write([]byte(text))
		}
		if err != nil {
			s.tb.Fatalf("writing a form: %v", err)
		}
	}
	if err := w.Close(); err != nil {
		s.tb.Fatalf("writing a form: %v", err)
	}
	return w.FormDataContentType(), out.Bytes()
}
