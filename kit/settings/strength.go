package settings

import (
	"fmt"
	"strings"
	"unicode"
)

// keyBytes is the length of a key for HMAC with SHA-256 (RFC 7518, section 3.2).
const keyBytes = 32

// checkSecret refuses secrets that were copied with white space, short keys and, outside
// development, keys that are not random.
func (r *Reader) checkSecret(v *value) {
	const remedy = ": replace it, for example by the output of openssl rand -hex 32"
	isKey := v.tag.Get("kind") == "key"
	switch {
	case strings.TrimSpace(v.text) != v.text || strings.ContainsFunc(v.text, unicode.IsControl):
		r.Problem(v.Name, "has white space at an end, or a control character: was a line break copied with it?")
	case !isKey:
	case len(v.text) < keyBytes:
		r.Problem(v.Name, fmt.Sprintf("must be at least %d bytes, got %d", keyBytes, len(v.text)))
	case r.strict() && isPublished(v.text):
		r.Problem(v.Name, "is published in a tutorial"+remedy)
	case r.strict() && isGuessable(v.text, r.opts.Guessable):
		r.Problem(v.Name, "is a placeholder or not random"+remedy)
	}
}
