package httpapi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"
)

// maxDepth is how deep objects and lists may be nested in a body.
const maxDepth = 32

var (
	errMalformedJSON = errors.New("the body is not one valid JSON value in UTF-8, or repeats a member")
	errTooDeep       = errors.New("the body is nested too deeply")
	errEmptyBody     = errors.New("the body is empty")
)

// decodeStrict parses the one JSON value (RFC 8259, as narrowed by RFC 7493) that data must be, the way encoding/json
// types it. Duplicate members, invalid UTF-8, lone surrogates, a byte order mark, anything after the value and more than
// 32 levels are errors. The pointers returned are of texts that hold control characters, which neither a database nor a
// log should see.
func decodeStrict(data []byte) (value any, controls []string, err error) {
	if len(data) == 0 {
		return nil, nil, errEmptyBody
	}
	d := strictDecoder{tokens: jsontext.NewDecoder(bytes.NewReader(data))}
	value, err = d.value()
	if err != nil {
		return nil, nil, err
	}
	if _, err := d.tokens.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, nil, errMalformedJSON
	}
	return value, d.controls, nil
}

type strictDecoder struct {
	tokens   *jsontext.Decoder
	controls []string
}

func (d *strictDecoder) value() (any, error) {
	token, err := d.tokens.ReadToken()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errMalformedJSON, err)
	}
	switch token.Kind() {
	case '{':
		return d.object()
	case '[':
		return d.array()
	case '"':
		return d.text(token.String()), nil
	case '0':
		number, _ := token.Float() // out of range is ±Inf or ±max, which the schema's bounds refuse
		return number, nil
	case 't', 'f':
		return token.Bool(), nil
	default:
		return nil, nil
	}
}

func (d *strictDecoder) object() (any, error) {
	if d.tokens.StackDepth() > maxDepth {
		return nil, errTooDeep
	}
	members := map[string]any{}
	for d.tokens.PeekKind() != '}' {
		name, err := d.value()
		if err != nil {
			return nil, err
		}
		key, isText := name.(string)
		if !isText {
			return nil, errMalformedJSON
		}
		if members[key], err = d.value(); err != nil {
			return nil, err
		}
	}
	return members, d.end()
}

func (d *strictDecoder) array() (any, error) {
	if d.tokens.StackDepth() > maxDepth {
		return nil, errTooDeep
	}
	items := []any{}
	for d.tokens.PeekKind() != ']' {
		item, err := d.value()
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, d.end()
}

// end reads the bracket that closes an object or a list.
func (d *strictDecoder) end() error {
	if _, err := d.tokens.ReadToken(); err != nil {
		return fmt.Errorf("%w: %w", errMalformedJSON, err)
	}
	return nil
}

func (d *strictDecoder) text(s string) string {
	if strings.ContainsFunc(s, unicode.IsControl) {
		d.controls = append(d.controls, string(d.tokens.StackPointer()))
	}
	return s
}
