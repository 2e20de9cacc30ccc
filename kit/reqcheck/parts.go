package reqcheck

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/plinth/kit/problem"
)

// part is a part of a multipart form.
type part struct {
	name       string
	required   bool
	repeats    bool             // it may be sent several times
	mediaTypes []string         // empty for all
	schema     *openapi3.Schema // nil for bytes
	strict     bool
	isJSON     bool
}

const headerContentDisposition = "Content-Disposition"

// maxParts is the limit of parts in a form.
const maxParts = 100

// partsReader is the body of a multipart form that is validated while it is read: an invalid part
// ends it with a problem. It streams bytes, and buffers JSON and texts, at most maxBodyBytes of
// each part.
type partsReader struct {
	io.Closer

	ctx   context.Context //nolint:containedctx // a reader lives as long as its request
	media *bodyMedia
	from  *multipart.Reader
	seen  map[string]int
	count int

	part *multipart.Part // being streamed; nil between two parts
	into io.Writer       // its destination
	to   *multipart.Writer
	out  bytes.Buffer // of to, not read yet
	err  error
}

func newPartsReader(r *http.Request, media *bodyMedia) (io.ReadCloser, error) {
	_, parameters, err := mime.ParseMediaType(r.Header.Get(headerContentType))
	if err != nil {
		return nil, errUnsupportedMedia.Because(err)
	}
	p := &partsReader{
		Closer: r.Body, ctx: r.Context(), media: media,
		from: multipart.NewReader(newPartHeads(r.Body, parameters["boundary"]), parameters["boundary"]),
		seen: map[string]int{},
	}
	p.to = multipart.NewWriter(&p.out)
	if err := p.to.SetBoundary(parameters["boundary"]); err != nil {
		return nil, errMalformed.WithDetail("The boundary of the form is invalid.").Because(err)
	}
	return p, nil
}

// Read implements io.Reader.
func (p *partsReader) Read(into []byte) (int, error) {
	for p.out.Len() == 0 && p.err == nil {
		p.err = p.step()
	}
	if p.out.Len() > 0 {
		return p.out.Read(into)
	}
	return 0, p.err
}

// step writes the next piece of the form to out.
func (p *partsReader) step() error {
	if p.part != nil {
		return p.copySome()
	}
	next, err := p.from.NextRawPart() // a decoded part could contain the boundary
	if errors.Is(err, io.EOF) {
		return p.finish()
	}
	if err != nil {
		return asProblem(err)
	}
	p.count++
	if p.count > maxParts {
		return problem.Invalid(problem.FieldError{
			Code: "too_many_members", Detail: fmt.Sprintf("Must have at most %d parts.", maxParts),
		})
	}
	if strings.Count(next.Header.Get(headerContentDisposition), ";") > maxPartParameters {
		return errPartHead
	}
	known := p.media.parts[next.FormName()]
	if known == nil {
		return problem.Invalid(problem.UnknownMember([]string{next.FormName()}))
	}
	p.seen[known.name]++
	if p.seen[known.name] > 1 && !known.repeats {
		return known.invalid("invalid", detailOnce)
	}
	if err := known.checkHeader(next.Header); err != nil {
		return err
	}
	if p.into, err = p.to.CreatePart(partHeader(next.Header)); err != nil {
		return err
	}
	if known.schema == nil {
		p.part = next
		return nil
	}
	return known.copyValid(p.ctx, next, p.into)
}

// copySome copies some bytes of a part.
func (p *partsReader) copySome() error {
	_, err := io.CopyN(p.into, p.part, 32<<10)
	if errors.Is(err, io.EOF) {
		p.part = nil
		return nil
	}
	return asProblem(err)
}

// finish ends the form, with a problem if a part is missing.
func (p *partsReader) finish() error {
	var missing []problem.FieldError
	for _, name := range slices.Sorted(maps.Keys(p.media.parts)) {
		if p.media.parts[name].required && p.seen[name] == 0 {
			missing = append(missing, problem.FieldError{
				Pointer: problem.Pointer([]string{name}), Code: "required", Detail: detailRequired,
			})
		}
	}
	if len(missing) > 0 {
		return problem.Invalid(missing...)
	}
	if err := p.to.Close(); err != nil {
		return err
	}
	return io.EOF
}

// asProblem returns problems of the body unchanged. Other errors mean a malformed form.
func asProblem(err error) error {
	if err == nil {
		return nil
	}
	if known, ok := errors.AsType[*problem.Problem](err); ok {
		return known
	}
	return errMalformed.WithDetail("The body is not a multipart form, or it ended early.").Because(err)
}

func (p *part) invalid(code, detail string) error {
	return problem.Invalid(problem.FieldError{Pointer: problem.Pointer([]string{p.name}), Code: code, Detail: detail})
}

// checkHeader rejects encoded parts (RFC 7578, section 4.7) and media types that the contract does
// not allow. Browsers send none with texts.
func (p *part) checkHeader(header textproto.MIMEHeader) error {
	for _, encoding := range header.Values("Content-Transfer-Encoding") {
		if plain := []string{"7bit", "8bit", "binary"}; !slices.Contains(plain, strings.ToLower(encoding)) {
			return errUnsupportedMedia.WithDetail("The part " + p.name + " must be sent without " +
				"Content-Transfer-Encoding.")
		}
	}
	sent := header.Get(headerContentType)
	if len(p.mediaTypes) == 0 || sent == "" && p.schema != nil {
		return nil
	}
	types := strings.Join(p.mediaTypes, " or ")
	unsupported := errUnsupportedMedia.WithDetail("The part " + p.name + " must be " + types + ".")
	if len(sent) > maxContentTypeBytes {
		return unsupported
	}
	mediaType, _, err := mime.ParseMediaType(sent)
	matches := func(pattern string) bool { return matchesMediaType(pattern, mediaType) }
	if err != nil || !slices.ContainsFunc(p.mediaTypes, matches) {
		return unsupported
	}
	return nil
}

// partHeader returns the header fields of a part that RFC 7578, section 4.8, defines.
func partHeader(header textproto.MIMEHeader) textproto.MIMEHeader {
	fields := textproto.MIMEHeader{}
	for _, name := range []string{headerContentDisposition, headerContentType} {
		if value := header.Get(name); value != "" {
			fields.Set(name, value)
		}
	}
	return fields
}

// copyValid validates and copies a part that is JSON or a text.
func (p *part) copyValid(ctx context.Context, from io.Reader, into io.Writer) error {
	data, err := io.ReadAll(io.LimitReader(from, maxBodyBytes+1))
	if err != nil {
		return asProblem(err)
	}
	if len(data) > maxBodyBytes {
		return errBodyTooLarge.WithDetail("The part " + p.name + " is larger than " + sizeOf(maxBodyBytes) + ".")
	}
	if !p.isJSON {
		data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")) // as in formMember
	}
	found, err := p.check(ctx, data)
	if err != nil {
		return err
	}
	for i := range found {
		found[i].Pointer = problem.Pointer([]string{p.name}) + found[i].Pointer
	}
	if len(found) > 0 {
		return problem.Invalid(found...)
	}
	_, err = into.Write(data)
	return err
}

func (p *part) check(ctx context.Context, data []byte) ([]problem.FieldError, error) {
	if p.isJSON {
		_, found, err := readJSON(ctx, p.schema, p.strict, data)
		return found, err
	}
	value, wrong := formText(p.schema, string(data))
	if wrong != nil {
		return []problem.FieldError{*wrong}, nil
	}
	return validateValue(ctx, p.schema, p.strict, value)
}
