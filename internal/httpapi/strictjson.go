package httpapi

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

	"example.com/plinth/kit/problem"
)

// maxDepth is how deep objects and lists may be nested in a body.
const maxDepth = 32

var (
	errMalformedJSON = errors.New("the body is not one valid JSON value in UTF-8, or repeats a member")
	errTooDeep       = errors.New("the body is nested too deeply")
	errEmptyBody     = errors.New("the body is empty")

	errEnoughFound = errors.New("the body has as many faults as are reported")
)

const (
	codeTooLarge           = "too_large"
	codeControlCharacter   = "control_character"
	detailControlCharacter = "Must not hold control characters, or invisible ones that change how text is shown."
)

// decodeStrict parses the one JSON value (RFC 8259, as narrowed by RFC 7493) that data must be, the way encoding/json
// types it, but for integers up to maxInteger, which are int64. Duplicate members, invalid UTF-8, lone surrogates, a byte
// order mark, anything after the value and more than 32 levels are errors. Findings are faults of valid JSON: control
// characters, numbers beyond float64 and unknown members.
//
// The schema bounds what is kept of a hostile body: decoding ends at problem.MaxFields findings, with complete false, and at
// the end of ctx; what no part of the schema allows is read and dropped, with no look into it (see place). A nil schema allows
// anything.
func decodeStrict(ctx context.Context, data []byte, schema *openapi3.Schema) (decoded, error) {
	if len(data) == 0 {
		return decoded{}, errEmptyBody
	}
	// The decoder would remember each name of an object; those that are kept are at hand anyway.
	tokens := jsontext.NewDecoder(bytes.NewBuffer(data), jsontext.AllowDuplicateNames(true))
	d := strictDecoder{ctx: ctx, tokens: tokens}
	value, err := d.value(place{}.add(schema))
	switch {
	case errors.Is(err, errEnoughFound):
		return decoded{found: d.found}, nil
	case err != nil:
		return decoded{}, err
	}
	if _, err := d.tokens.ReadToken(); !errors.Is(err, io.EOF) {
		return decoded{}, errMalformedJSON
	}
	return decoded{value: value, found: d.found, complete: true}, nil
}

// decoded is a body, with the findings that its schema has no words for. A value that is not complete must not be used.
type decoded struct {
	value    any
	found    []problem.FieldError
	complete bool
}

type strictDecoder struct {
	ctx    context.Context //nolint:containedctx // a decoder lives as long as the call that makes it
	tokens *jsontext.Decoder
	read   int
	found  []problem.FieldError
}

// next reads a token. It fails when the context ends or enough faults are found.
func (d *strictDecoder) next() (jsontext.Token, error) {
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
		return jsontext.Token{}, fmt.Errorf("%w: %w", errMalformedJSON, err)
	}
	if d.tokens.StackDepth() > maxDepth {
		return jsontext.Token{}, errTooDeep
	}
	return token, nil
}

func (d *strictDecoder) value(at place) (any, error) {
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

func (d *strictDecoder) object(at place) (any, error) {
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
			err = errMalformedJSON
		case len(members) > room:
			err = d.skip()
		case !known:
			d.complain(codeUnknownMember, detailUnknownMember)
			members[name], err = nil, d.skip() // there, so that it counts
		default:
			if isFormatted(name) { // that of a map, which the caller chooses
				d.complain(codeControlCharacter, detailControlCharacter)
			}
			members[name], err = d.value(inner)
		}
		if err != nil {
			return nil, err
		}
	}
	return members, d.end()
}

func (d *strictDecoder) name() (string, error) {
	token, err := d.next()
	if err != nil {
		return "", err
	}
	name := token.String() // the decoder takes nothing else for a name
	if strings.ContainsFunc(name, unicode.IsControl) {
		d.complain(codeControlCharacter, detailControlCharacter)
	}
	return name, nil
}

func (d *strictDecoder) array(at place) (any, error) {
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
func (d *strictDecoder) end() error {
	_, err := d.next()
	return err
}

// skip reads a value without keeping it.
func (d *strictDecoder) skip() error {
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

func (d *strictDecoder) text(s string, at place) string {
	hasControls := strings.ContainsFunc(s, unicode.IsControl) && (strings.ContainsFunc(s, isUnprintable) || !at.mayHaveLines())
	if hasControls || isFormatted(s) && !at.isPassword() {
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
		d.complain(codeTooLarge, "Is beyond all numbers that can be kept.")
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
	if len(d.found) == problem.MaxFields {
		return
	}
	d.found = append(d.found, problem.FieldError{Pointer: problem.Pointer(d.steps()), Code: code, Detail: detail})
}
