package telemetry

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

const redacted = "[redacted]"

// redactRecord returns r without secrets. It copies r only if it holds one.
func redactRecord(r slog.Record) slog.Record {
	found := false
	r.Attrs(func(a slog.Attr) bool {
		_, found = redactAttr(a)
		return !found
	})
	if !found {
		return r
	}
	clean := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		a, _ = redactAttr(a)
		clean.AddAttrs(a)
		return true
	})
	return clean
}

func redactAttrs(attrs []slog.Attr) []slog.Attr {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i], _ = redactAttr(a)
	}
	return clean
}

// redactAttr returns a without secrets and reports whether it changed. Numbers, booleans and times
// cannot hold a secret and keep their value under any key.
func redactAttr(a slog.Attr) (clean slog.Attr, changed bool) {
	value := a.Value
	if value.Kind() == slog.KindLogValuer {
		value = value.Resolve()
	}
	switch value.Kind() {
	case slog.KindString:
		clean.Value, changed = redactString(a.Key, value.String())
	case slog.KindGroup:
		clean.Value, changed = redactGroup(a.Key, value.Group())
	case slog.KindAny:
		clean.Value, changed = redactAny(a.Key, value.Any())
	case slog.KindBool, slog.KindDuration, slog.KindFloat64, slog.KindInt64, slog.KindTime, slog.KindUint64,
		slog.KindLogValuer:
	}
	if !changed {
		return a, false
	}
	clean.Key = a.Key
	return clean, true
}

// redactString keeps an empty text, which shows that a value is missing.
func redactString(key, text string) (value slog.Value, changed bool) {
	switch {
	case text == "":
		return slog.Value{}, false
	case isSensitive(key):
		return slog.StringValue(redacted), true
	}
	clean := Redact(text)
	return slog.StringValue(clean), clean != text
}

func redactGroup(key string, group []slog.Attr) (clean slog.Value, changed bool) {
	if isSensitive(key) {
		return slog.StringValue(redacted), true
	}
	for _, a := range group {
		if _, found := redactAttr(a); found {
			return slog.GroupValue(redactAttrs(group)...), true
		}
	}
	return slog.Value{}, false
}

func redactAny(key string, content any) (clean slog.Value, changed bool) {
	switch content := content.(type) {
	case nil:
		return slog.Value{}, false
	case error, *url.URL:
		return redactString(key, fmt.Sprint(content)) // unlike their methods, Sprint does not panic for a nil pointer
	case http.Header, url.Values, *http.Request:
		return slog.StringValue(redacted), true
	}
	return slog.StringValue(redacted), isSensitive(key)
}

// isSensitive reports whether a key names a secret. It compares words, so that "tokenizer" is no
// secret.
func isSensitive(key string) bool {
	if !isSnakeCase(key) {
		key = strings.ToLower(wordBoundary.ReplaceAllString(key, "${1}_${2}"))
	}
	previous := ""
	for word := range strings.SplitSeq(key, "_") {
		switch word {
		case "password", "passwords", "passwd", "pwd", "passphrase", "secret", "secrets", "token", "tokens", "jwt",
			"authorization", "cookie", "cookies", "credential", "credentials", "apikey", "dsn":
			return true
		case "key":
			switch previous {
			case "api", "private", "signing", "encryption", "access":
				return true
			}
		}
		previous = word
	}
	return false
}

func isSnakeCase(key string) bool {
	for i := range len(key) {
		if c := key[i]; c == '-' || c == '.' || 'A' <= c && c <= 'Z' {
			return false
		}
	}
	return true
}

// wordBoundary splits keys of other libraries (Set-Cookie, accessToken, db.password) into words.
var wordBoundary = regexp.MustCompile(`([a-z0-9])([A-Z])|[-.]`)

// secretPatterns match secrets and personal data inside a text.
var secretPatterns = []struct { // read only
	pattern     *regexp.Regexp
	replacement string
}{
	{regexp.MustCompile(`://[^/\s"'?#]*@`), "://" + redacted + "@"},
	{regexp.MustCompile(`\b([Bb]earer) [A-Za-z0-9._~+/=-]{16,}`), "$1 " + redacted},
	{regexp.MustCompile(`\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*`), redacted},
	{regexp.MustCompile(`\b[or]t_[A-Za-z0-9_-]{16,}`), redacted},
	{regexp.MustCompile(`(?i)(password|passwd|secret|token|api_?key)=[^\s&,;)]+`), "$1=" + redacted},
	{regexp.MustCompile(`[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}`), redacted},
}

// Redact returns text without credentials, tokens and e-mail addresses.
func Redact(text string) string {
	if !maybeSecret(text) {
		return text
	}
	for _, p := range secretPatterns {
		text = p.pattern.ReplaceAllString(text, p.replacement)
	}
	return text
}

// maybeSecret reports whether text holds a substring that a secret pattern needs. It is cheaper
// than the patterns.
func maybeSecret(text string) bool {
	return strings.IndexByte(text, '@') >= 0 || strings.IndexByte(text, '=') >= 0 ||
		strings.Contains(text, "eyJ") || strings.Contains(text, "rt_") || strings.Contains(text, "ot_") || strings.Contains(text, "earer ")
}
