package settings

import (
	"cmp"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// integer reads a whole decimal number in the range of the row.
func (r *Reader) integer(v *value) int64 {
	parse := func(text string) (int64, error) { return strconv.ParseInt(text, 10, 64) }
	n, err := parse(v.text)
	r.wrongIf(err != nil || !inRange(v.Row, n, parse), v)
	return n
}

func (r *Reader) float(v *value) float64 {
	parse := func(text string) (float64, error) { return strconv.ParseFloat(text, 64) }
	f, err := parse(v.text)
	r.wrongIf(err != nil || !inRange(v.Row, f, parse), v)
	return f
}

// duration reads a Go duration, or a whole number of the unit of the row.
func (r *Reader) duration(v *value) time.Duration {
	if unit, err := time.ParseDuration(v.tag.Get("unit")); err == nil {
		return time.Duration(r.integer(v)) * unit
	}
	d, err := time.ParseDuration(v.text)
	r.wrongIf(err != nil || !inRange(v.Row, d, time.ParseDuration), v)
	return d
}

// inRange reports whether n is in the range of a row, of which either bound may be missing. NaN is in
// no range.
func inRange[T cmp.Ordered](row Row, n T, parse func(string) (T, error)) bool {
	lowest, highest := row.bounds()
	least, noLeast := parse(lowest)
	most, noMost := parse(highest)
	return (noLeast != nil || n >= least) && (noMost != nil || n <= most)
}

// text reads a text of the kind and the length of the row. An address that is off is empty.
func (r *Reader) text(v *value) string {
	kind := v.tag.Get("kind")
	if kind == "address" && v.text == "off" {
		return ""
	}
	isWrong := kind == "host" && !isHost(v.text) || kind == "address" && !isAddress(v.text)
	r.wrongIf(isWrong || !inRange(v.Row, utf8.RuneCountInString(v.text), strconv.Atoi), v)
	return v.text
}

// list splits a value at commas or reads it as a JSON list of texts.
func (r *Reader) list(v *value) []string {
	if strings.HasPrefix(v.text, "[") {
		var items []string
		if err := json.Unmarshal([]byte(v.text), &items); err != nil {
			r.Problem(v.Name, "must be "+ofLists+", got "+show(v.text))
			return nil
		}
		return items
	}
	items := strings.Split(v.text, ",")
	for i := range items {
		items[i] = strings.TrimSpace(items[i])
	}
	return items
}

// pairs reads key=value pairs, separated by commas, with percent-encoded values (W3C Baggage).
func (r *Reader) pairs(v *value) map[string]string {
	found := map[string]string{}
	for pair := range strings.SplitSeq(v.text, ",") {
		key, text, ok := strings.Cut(pair, "=")
		value, err := url.PathUnescape(strings.TrimSpace(text))
		key = strings.TrimSpace(key)
		if !ok || key == "" || err != nil || strings.ContainsFunc(value, unicode.IsControl) {
			r.wrong(v, "")
			return found
		}
		found[key] = value
	}
	return found
}
