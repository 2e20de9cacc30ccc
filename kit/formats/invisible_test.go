package formats_test

import (
	"testing"

	"example.com/plinth/kit/formats"
)

func TestHasInvisible(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"right-to-left override": "a\u202eb", "left-to-right embedding": "a\u202ab", "isolate": "a\u2066b\u2069", "mark": "a\u200eb",
		"Arabic letter mark": "\u0627\u061c", "zero-width space": "ad\u200bmin", "byte order mark": "\ufeffAda",
		"word joiner": "ad\u2060min", "soft hyphen": "ad\u00admin", "line separator": "a\u2028b", "paragraph separator": "a\u2029b",
		"tags": "Ada\U000e0041\U000e0064", "language tag": "\U000e0001", "Hangul filler": "\u3164", "annotation": "a\ufff9b\ufffbc",
		"joiner in Latin": "ad\u200dmin", "non-joiner in Latin": "ad\u200cmin", "joiner alone": "\u200d", "joiner at the end": "\u0915\u094d\u200d",
		"joiners in a row": "\u0915\u094d\u200d\u200d\u0937", "selector after Latin": "a\ufe0f", "selector first": "\ufe0fa",
		"selectors in a row": "\u2764\ufe0f\ufe0f", "ideographic selector after Latin": "a\U000e0100", "deprecated": "a\u206ab",
		"Mongolian vowel separator": "a\u180eb", "grapheme joiner in Latin": "ad\u034fmin", "grapheme joiner alone": "\u034f",
		"grapheme joiner after a Hebrew letter": "\u05d3\u034f\u05d5", "Khmer inherent vowel": "\u17b4", "musical": "\U0001d173",
	} {
		if !formats.HasInvisible(text) {
			t.Errorf("%s: %+q is allowed", name, text)
		}
	}
	for name, text := range map[string]string{
		"Latin": "Zoë Müller-Lüdenscheidt", "Arabic": "\u0639\u0644\u064a", "Hebrew": "\u05d3\u05d5\u05d3", "Chinese": "王小明",
		"Persian with a non-joiner": "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "Sinhala": "\u0dc1\u0dca\u200d\u0dbb\u0dd3",
		"Devanagari": "\u0915\u094d\u200d\u0937", "family": "\U0001f468\u200d\U0001f469\u200d\U0001f467", "heart": "\u2764\ufe0f",
		"skin tone": "\U0001f469\U0001f3fd\u200d\U0001f4bb", "flag": "\U0001f3f3\ufe0f\u200d\U0001f308", "keycap": "1\ufe0f\u20e3",
		"ideographic variant": "\u845b\U000e0100", "Arabic number sign": "\u0600\u0661\u0662", "Mongolian variant": "\u1820\u180b",
		"no-break space": "Ada\u00a0King", "grapheme joiner between Hebrew marks": "\u05dc\u05b7\u034f\u05b4\u05dd", "Vietnamese": "Nguye\u0302\u0303n", "lines": "a\nb",
	} {
		if formats.HasInvisible(text) {
			t.Errorf("%s: %+q is refused", name, text)
		}
	}
}
