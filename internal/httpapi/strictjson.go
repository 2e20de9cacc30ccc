package httpapi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
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

const (
	codeControlCharacter   = "control_character"
	detailControlCharacter = "Must not hold control characters."
)

// decodeStrict parses the one JSON value (RFC 8259, as narrowed by RFC 7493) that data must be, the way encoding/json
// types it, but for integers up to maxInteger, which are int64. Duplicate members, invalid UTF-8, lone surrogates, a byte
// order mark, anything after the value and more than 32 levels are errors. What is found beside is JSON that nobody should
// see: texts that hold control characters, which neither a database nor a log should get, and numbers beyond float64, which
// are not what they seem. A text may have several lines if mayHaveLines says so of the steps that lead to it.
func decodeStrict(data []byte, mayHaveLines func(steps []string) bool) (value any, found []fieldError, err error) {
	if len(data) == 0 {
		return nil, nil, errEmptyBody
	}
	d := strictDecoder{tokens: jsontext.NewDecoder(bytes.NewReader(data)), mayHaveLines: mayHaveLines}
	value, err = d.value()
	if err != nil {
		return nil, nil, err
	}
	if _, err := d.tokens.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, nil, errMalformedJSON
	}
	return value, d.found, nil
}

type strictDecoder struct {
	tokens       *jsontext.Decoder
	mayHaveLines func(steps []string) bool
	found        []fieldError
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
		return d.number(token), nil
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
		name, err := d.name()
		if err != nil {
			return nil, err
		}
		if members[name], err = d.value(); err != nil {
			return nil, err
		}
	}
	return members, d.end()
}

func (d *strictDecoder) name() (string, error) {
	token, err := d.tokens.ReadToken()
	if err != nil {
		return "", fmt.Errorf("%w: %w", errMalformedJSON, err)
	}
	name := token.String() // the decoder takes nothing else for a name
	if strings.ContainsFunc(name, unicode.IsControl) {
		d.complain(codeControlCharacter, detailControlCharacter)
	}
	return name, nil
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
	if strings.ContainsFunc(s, unicode.IsControl) && (strings.ContainsFunc(s, isUnprintable) || !d.mayHaveLines(d.steps())) {
		d.complain(codeControlCharacter, detailControlCharacter)
	}
	return s
}

// isUnprintable reports whether no text may hold r, whatever its number of lines.
func isUnprintable(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }

// maxInteger is the greatest integer that everybody who reads JSON can tell from its neighbours (RFC 7493, section 2.2).
const maxInteger = 1<<53 - 1

func (d *strictDecoder) number(token jsontext.Token) any {
	number, err := token.Float()
	if err != nil || math.IsInf(number, 0) {
		d.complain("too_large", "Is beyond all numbers that can be kept.")
		return math.MaxFloat64
	}
	if number == math.Trunc(number) && math.Abs(number) <= maxInteger {
		return int64(number)
	}
	return number
}

// steps lead to the token that was read last.
func (d *strictDecoder) steps() []string { return slices.Collect(d.tokens.StackPointer().Tokens()) }

// complain notes what is wrong with the token that was read last.
func (d *strictDecoder) complain(code, detail string) {
	if len(d.found) == maxFieldErrors {
		return
	}
	d.found = append(d.found, fieldError{Pointer: pointer(d.steps()), Code: code, Detail: detail})
}
