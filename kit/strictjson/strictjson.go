package strictjson

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/go-json-experiment/json/jsontext"

	"example.com/plinth/kit/formats"
	"example.com/plinth/kit/problem"
)

// MaxDepth is the nesting limit of objects and lists.
const MaxDepth = 32

// Errors that [Decode] wraps.
var (
	ErrEmpty     = errors.New("the JSON is empty")
	ErrMalformed = errors.New("the JSON is not one valid value in UTF-8, or repeats a member")
	ErrTooDeep   = errors.New("the JSON is nested too deeply")
)

var errEnoughFound = errors.New("the JSON has as many faults as are reported")

// Decode parses one JSON value (RFC 8259, as narrowed by RFC 7493) to the types of encoding/json,
// except that integers up to 2^53-1 are int64. Duplicate members, invalid UTF-8, lone surrogates, a
// byte order mark, data after the value and more than [MaxDepth] levels are errors. Control
// characters, numbers beyond float64 and undeclared members are field errors of valid JSON.
//
// The schema bounds the memory of hostile input: decoding ends at [problem.MaxFields] field errors
// and with ctx, and drops values that no part of the schema allows. A nil schema allows anything.
func Decode(ctx context.Context, data []byte, schema *openapi3.Schema) (Decoded, error) {
	if len(data) == 0 {
		return Decoded{}, ErrEmpty
	}
	// Without AllowDuplicateNames, the decoder would remember the names that members holds anyway.
	tokens := jsontext.NewDecoder(bytes.NewBuffer(data), jsontext.AllowDuplicateNames(true))
	d := decoder{ctx: ctx, tokens: tokens}
	value, err := d.value(place{}.add(schema))
	switch {
	case errors.Is(err, errEnoughFound):
		return Decoded{Found: d.found}, nil
	case err != nil:
		return Decoded{}, err
	}
	if _, err := d.tokens.ReadToken(); !errors.Is(err, io.EOF) {
		return Decoded{}, ErrMalformed
	}
	return Decoded{Value: value, Found: d.found, Complete: true}, nil
}

// Decoded is a JSON value with the faults that its schema does not describe.
type Decoded struct {
	Value    any
	Found    []problem.FieldError
	Complete bool // false if decoding ended early; Value must not be used
}

type decoder struct {
	ctx    context.Context //nolint:containedctx // a decoder lives as long as one call of Decode
	tokens *jsontext.Decoder
	read   int
	found  []problem.FieldError
}

// next reads a token. It returns an error when the context ends or enough faults are found.
func (d *decoder) next() (jsontext.Token, error) {
	const tokensPerCheck = 1024
	d.read++
	if d.read%tokensPerCheck == 0 && d.ctx.Err() != nil {
		return jsontext.Token{}, d.ctx.Err()
	}
	if len(d.found) == problem.MaxFields {
		return jsontext.Token{}, errEnoughFound
	}
	token, err := d.tokens.ReadToken()
	if err != nil {
		return jsontext.Token{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if d.tokens.StackDepth() > MaxDepth {
		return jsontext.Token{}, ErrTooDeep
	}
	return token, nil
}

func (d *decoder) value(at place) (any, error) {
	token, err := d.next()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case '{':
		return d.object(at)
	case '[':
		return d.array(at)
	case '"':
		return d.text(token.String(), at), nil
	case '0':
		return d.number(token), nil
	case 't', 'f':
		return token.Bool(), nil
	default:
		return nil, nil
	}
}

func (d *decoder) object(at place) (any, error) {
	members, room := map[string]any{}, at.maxMembers()
	for d.tokens.PeekKind() != '}' {
		name, err := d.name()
		if err != nil {
			return nil, err
		}
		inner, known := at.member(name)
		_, repeated := members[name]
		switch {
		case repeated:
			err = ErrMalformed
		case len(members) > room:
			err = d.skip()
		case !known:
			d.report(problem.UnknownMember(d.path()))
			members[name], err = nil, d.skip() // kept, so that it counts
		default:
			if formats.HasInvisible(name) { // the client chooses the names in a map
				d.report(problem.ControlCharacter(problem.Pointer(d.path())))
			}
			members[name], err = d.value(inner)
		}
		if err != nil {
			return nil, err
		}
	}
	return members, d.end()
}

func (d *decoder) name() (string, error) {
	token, err := d.next()
	if err != nil {
		return "", err
	}
	name := token.String() // the decoder accepts only strings here
	if strings.ContainsFunc(name, unicode.IsControl) {
		d.report(problem.ControlCharacter(problem.Pointer(d.path())))
	}
	return name, nil
}

func (d *decoder) array(at place) (any, error) {
	items, room, inner := []any{}, at.maxItems(), at.items()
	for d.tokens.PeekKind() != ']' {
		if len(items) > room {
			if err := d.skip(); err != nil {
				return nil, err
			}
			continue
		}
		item, err := d.value(inner)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, d.end()
}

// end reads the bracket that closes an object or a list.
func (d *decoder) end() error {
	_, err := d.next()
	return err
}

// skip reads a value without keeping it.
func (d *decoder) skip() error {
	depth := d.tokens.StackDepth()
	for {
		if _, err := d.next(); err != nil {
			return err
		}
		if d.tokens.StackDepth() <= depth {
			return nil
		}
	}
}

func (d *decoder) text(s string, at place) string {
	if at.hasControlCharacters(s) || formats.HasInvisible(s) && !at.isPassword() {
		d.report(problem.ControlCharacter(problem.Pointer(d.path())))
	}
	return s
}

// HasControlCharacters reports whether a text has control characters that its schema does not
// allow: texts marked with [ExtensionMultiline] may have line breaks and tabs, others none.
func HasControlCharacters(schema *openapi3.Schema, text string) bool {
	return place{}.add(schema).hasControlCharacters(text)
}

func (p place) hasControlCharacters(text string) bool {
	return strings.ContainsFunc(text, unicode.IsControl) &&
		(strings.ContainsFunc(text, isForbidden) || !p.isMultiline())
}

// isForbidden reports whether r is a control character that no text may have.
func isForbidden(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }

// maxInteger is the greatest integer that all JSON parsers represent exactly (RFC 7493, section
// 2.2).
const maxInteger = 1<<53 - 1

func (d *decoder) number(token jsontext.Token) any {
	number, err := token.Float()
	if err != nil || math.IsInf(number, 0) {
		d.report(problem.FieldError{
			Pointer: problem.Pointer(d.path()), Code: problem.FieldTooLarge, Detail: "Is beyond all numbers that " +
				"can be kept.",
		})
		return math.MaxFloat64
	}
	if number == math.Trunc(number) && math.Abs(number) <= maxInteger {
		return int64(number)
	}
	return number
}

// path leads to the token that was read last.
func (d *decoder) path() []string { return slices.Collect(d.tokens.StackPointer().Tokens()) }

// report adds a field error of the token that was read last.
func (d *decoder) report(field problem.FieldError) {
	if len(d.found) < problem.MaxFields {
		d.found = append(d.found, field)
	}
}
