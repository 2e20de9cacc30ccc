package settings

import (
	"cmp"
	"encoding"
	"net/mail"
	"net/netip"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kelseyhightower/envconfig"
)

// Kind is the type of a row that decodes its own text.
type Kind interface {
	// Decode reads a text. Its error is not shown, because it may quote a secret.
	envconfig.Decoder

	// Values says which texts are accepted, such as "a color such as #ff0000".
	Values() string
}

// Rate is a number of requests in a window of whole seconds.
type Rate struct {
	Requests int
	Window   time.Duration
}

// Values implements [Kind].
func (*Rate) Values() string {
	return "1 to 1000000 requests in a window of whole seconds up to 24h, such as 300/1m"
}

// Decode implements [Kind].
func (r *Rate) Decode(text string) error {
	requests, window, _ := strings.Cut(text, "/")
	n, err := strconv.ParseUint(requests, 10, 32)
	d, wrong := time.ParseDuration(window)
	isWindow := d >= time.Second && d <= 24*time.Hour && d%time.Second == 0
	if err != nil || wrong != nil || n < 1 || n > 1_000_000 || !isWindow {
		return strconv.ErrRange
	}
	*r = Rate{Requests: int(n), Window: d}
	return nil
}

// Mailbox is an e-mail address with an optional name (RFC 5322, section 3.4).
type Mailbox struct{ Name, Address string }

// Values implements [Kind].
func (*Mailbox) Values() string {
	return "an e-mail address such as no-reply@example.com or Orders <no-reply@example.com>"
}

// Decode implements [Kind].
func (m *Mailbox) Decode(text string) error {
	parsed, err := mail.ParseAddress(text)
	if err != nil {
		return err
	}
	*m = Mailbox{Name: parsed.Name, Address: parsed.Address}
	return nil
}

const (
	ofLists = "a comma-separated list or a JSON list such as [\"a\", \"b\"]"
	ofPairs = "key=value pairs, separated by commas, with percent-encoded values"
)

// kinds are the values of the tag kind, with what they accept.
func kinds() map[string]string {
	return map[string]string{ //nolint:gosec // G101: examples
		"address":  "an address with a port, such as 127.0.0.1:9464, or off",
		"host":     "an IP address or a host name without a port, such as 127.0.0.1 or 0.0.0.0",
		"path":     "a path",
		"key":      "at least 32 random bytes, such as openssl rand -hex 32 prints",
		"postgres": "a PostgreSQL URL such as postgres://user:password@localhost:5432/database",
		"redis":    "a percent-encoded URL such as redis://:password@localhost:6379/0, or rediss:// for TLS",
		"dsn":      "a DSN such as https://key@o1.ingest.sentry.io/1",
		"http":     "an HTTP URL such as https://maven.example.com/maven2",
		"endpoint": "an HTTP URL without credentials and parameters, such as http://localhost:4318",
		"site":     "an HTTPS URL without credentials and parameters, such as https://app.example.com",
		"smtp":     "a percent-encoded URL such as smtp://user:password@smtp.example.com:587, or smtps:// for TLS",
		"origins":  "origins such as https://app.example.com, separated by commas or as a JSON list",
	}
}

// values says what the row accepts.
func (row Row) values() string {
	kind := kinds()[row.tag.Get("kind")]
	switch row.value.Addr().Interface().(type) {
	case *time.Duration:
		if row.tag.Get("unit") == "" {
			return "a duration" + row.rangeText()
		}
	case *[]netip.Prefix:
		return "networks such as 10.0.0.0/8 or addresses, separated by commas or as a JSON list"
	case *[]string:
		return cmp.Or(kind, ofLists)
	case *map[string]string, *map[string]Secret:
		return ofPairs
	}
	choices := strings.Join(strings.Fields(row.tag.Get("oneof")), ", ")
	into, isKind := reflect.TypeAssert[Kind](row.value.Addr())
	switch {
	case isKind:
		return into.Values()
	case choices != "":
		return "one of " + choices
	case row.value.CanInt(), row.value.CanUint():
		return "a whole number" + row.rangeText()
	case row.value.CanFloat():
		return "a number" + row.rangeText()
	case row.value.Kind() == reflect.Bool:
		return "true or false"
	case row.value.Kind() == reflect.String && row.rangeText() != "":
		return strings.TrimPrefix(row.rangeText(), " from ") + " characters"
	}
	return kind
}

// isReadable reports whether assign knows the type.
func isReadable(value reflect.Value) bool {
	switch value.Addr().Interface().(type) {
	case *Secret, *URL, *[]netip.Prefix, *[]string, *map[string]string, *map[string]Secret:
		return true
	case Kind, encoding.TextUnmarshaler:
		return true
	}
	isText := value.Kind() == reflect.String || value.Kind() == reflect.Bool
	return isText || value.CanInt() || value.CanUint() || value.CanFloat()
}

// assign converts the text of a value, which is not empty, into the field of its row.
func (r *Reader) assign(v *value) {
	if choices := strings.Fields(v.tag.Get("oneof")); len(choices) > 0 && !slices.Contains(choices, v.text) {
		r.wrong(v, "")
		return
	}
	switch into := v.value.Addr().Interface().(type) {
	case *Secret:
		*into = NewSecret(v.text)
		r.checkSecret(v)
	case *URL:
		*into = NewURL(v.text)
		r.checkURL(v)
	case *time.Duration:
		*into = r.duration(v)
	case *[]netip.Prefix:
		*into = r.networks(v)
	case *[]string:
		*into = r.list(v)
		if v.tag.Get("kind") == "origins" {
			r.checkOrigins(v, *into)
		}
	case *map[string]string:
		*into = r.pairs(v)
	case *map[string]Secret:
		*into = map[string]Secret{}
		for name, text := range r.pairs(v) {
			(*into)[name] = NewSecret(text)
		}
	case Kind:
		r.wrongIf(into.Decode(v.text) != nil, v)
	case encoding.TextUnmarshaler:
		r.wrongIf(into.UnmarshalText([]byte(v.text)) != nil, v)
	default:
		r.assignBasic(v)
	}
}

func (r *Reader) assignBasic(v *value) {
	switch {
	case v.value.CanInt():
		n := r.integer(v)
		r.wrongIf(v.value.OverflowInt(n), v)
		v.value.SetInt(n)
	case v.value.CanUint():
		n := uint64(r.integer(v)) //nolint:gosec // G115: a negative number overflows
		r.wrongIf(v.value.OverflowUint(n), v)
		v.value.SetUint(n)
	case v.value.CanFloat():
		v.value.SetFloat(r.float(v))
	case v.value.Kind() == reflect.Bool:
		b, err := strconv.ParseBool(v.text)
		r.wrongIf(err != nil, v)
		v.value.SetBool(b)
	case v.value.Kind() == reflect.String:
		v.value.SetString(r.text(v))
	}
}

// wrong reports what the value must be, and the reason if there is one.
func (r *Reader) wrong(v *value, reason string) {
	want := cmp.Or(v.Values, "a valid "+v.value.Type().String())
	if reason != "" {
		want += ", but " + reason
	}
	r.Problem(v.Name, v.mustBe(want))
}

func (r *Reader) wrongIf(wrong bool, v *value) {
	if wrong && r.Valid(v.Name) {
		r.wrong(v, "")
	}
}

// mustBe says what the value must be, and what it is unless it can hold credentials.
func (v *value) mustBe(want string) string {
	if v.isRedacted() {
		return "must be " + want
	}
	return "must be " + want + ", got " + show(v.text)
}

// show quotes a value that is not meant to be secret. One that looks like credentials in the wrong
// place, or that is too long to help, is redacted.
func show(text string) string {
	if strings.Contains(text, "@") || len(text) > 100 {
		return redacted
	}
	return strconv.Quote(text)
}
