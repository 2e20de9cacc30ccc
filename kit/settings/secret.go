package settings

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
)

const redacted = "[redacted]"

// Secret holds a text that only [Secret.Reveal] returns. Printing, logging and encoding it give
// "[redacted]", or nothing if it is unset.
type Secret struct {
	// In unexported fields of other structs fmt prints the fields of a Secret without calling its
	// methods, but does not follow pointers.
	text *string
}

// NewSecret wraps text. The empty text gives the zero Secret, which is unset.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{text: &text}
}

// Reveal returns the text itself.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsSet reports whether there is a text.
func (s Secret) IsSet() bool { return s.text != nil }

// String returns "[redacted]", or nothing if the secret is unset.
func (s Secret) String() string {
	if s.text == nil {
		return ""
	}
	return redacted
}

// Format writes String for every verb and flag.
func (s Secret) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, s.String()) }

// MarshalText returns String; JSON and other encodings use it.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue returns String.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// URL holds a URL whose credentials only [URL.Reveal] returns. Printing, logging and encoding it show
// the URL without them.
type URL struct{ secret Secret }

// NewURL wraps raw. The empty text gives the zero URL, which is unset.
func NewURL(raw string) URL { return URL{secret: NewSecret(raw)} }

// Reveal returns the URL with its credentials.
func (u URL) Reveal() string { return u.secret.Reveal() }

// IsSet reports whether there is a URL.
func (u URL) IsSet() bool { return u.secret.IsSet() }

// String returns the URL without its credentials.
func (u URL) String() string {
	if !u.IsSet() {
		return ""
	}
	return redactURL(u.Reveal())
}

// Format writes String for every verb and flag.
func (u URL) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, u.String()) }

// MarshalText returns String; JSON and other encodings use it.
func (u URL) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// LogValue returns String.
func (u URL) LogValue() slog.Value { return slog.StringValue(u.String()) }

// redactURL hides the password, the user of http and https URLs (it is the key of a Sentry DSN), and
// parameters that look like passwords. If the parts of a URL are ambiguous, it hides everything after
// the scheme.
func redactURL(raw string) string {
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok {
		return redacted
	}
	authority, tail := cutAuthority(rest)
	if strings.Count(authority, "@") > 1 || strings.Contains(tail, "@") {
		return scheme + "://" + redacted
	}
	if userinfo, host, ok := strings.Cut(authority, "@"); ok {
		user, _, hasPassword := strings.Cut(userinfo, ":")
		switch {
		case strings.HasPrefix(scheme, "http"):
			user = redacted
		case hasPassword:
			user += ":" + redacted
		}
		authority = user + "@" + host
	}
	path, query, hasQuery := strings.Cut(tail, "?")
	if hasQuery {
		path += "?" + redactQuery(query)
	}
	return scheme + "://" + authority + path
}

// cutAuthority splits what follows the scheme of a URL before its path or query.
func cutAuthority(rest string) (authority, tail string) {
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		return rest[:i], rest[i:]
	}
	return rest, ""
}

func redactQuery(query string) string {
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		name, _, _ := strings.Cut(pair, "=")
		for _, word := range []string{"pass", "secret", "token", "key"} {
			if strings.Contains(strings.ToLower(name), word) {
				pairs[i] = name + "=" + redacted
				break
			}
		}
	}
	return strings.Join(pairs, "&")
}

// redactPairs hides the values of key=value pairs, separated by commas.
func redactPairs(text string) string {
	if text == "" {
		return ""
	}
	pairs := strings.Split(text, ",")
	for i, pair := range pairs {
		key, _, _ := strings.Cut(pair, "=")
		pairs[i] = strings.TrimSpace(key) + "=" + redacted
	}
	return strings.Join(pairs, ",")
}
