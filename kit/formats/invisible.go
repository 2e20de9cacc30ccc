package formats

import "unicode"

// HasInvisible reports whether a text has invisible characters that change how the rest is read or
// shown: bidi controls, zero-width spaces, tags, line separators and the like. With them, two
// different names look alike, and text for programs is hidden from readers.
//
// It allows such characters where a script needs them: joiners within words of joining scripts and
// between emoji, variation selectors after a character that varies, and Arabic number signs.
func HasInvisible(text string) bool {
	runes := []rune(text)
	for i, r := range runes {
		switch {
		case r < '\u00ad' || !isInvisible(r):
		case isJoiner(r) && i > 0 && i+1 < len(runes) && joins(runes[:i], runes[i+1]):
		case r == graphemeJoiner && i > 0 && unicode.Is(unicode.Hebrew, runes[i-1]) && unicode.Is(unicode.Mn, runes[i-1]):
		case unicode.Is(unicode.Variation_Selector, r) && i > 0 && varies(runes[i-1], r):
		default:
			return true
		}
	}
	return false
}

// isInvisible reports whether r is a format character, a line or paragraph separator, or not
// rendered.
func isInvisible(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Variation_Selector,
		unicode.Other_Default_Ignorable_Code_Point) &&
		!unicode.Is(unicode.Prepended_Concatenation_Mark, r)
}

const (
	zeroWidthNonJoiner = '\u200c'
	zeroWidthJoiner    = '\u200d'
	graphemeJoiner     = '\u034f' // keeps the order of Hebrew marks
)

func isJoiner(r rune) bool { return r == zeroWidthNonJoiner || r == zeroWidthJoiner }

// joins reports whether a joiner is allowed between a text and the next character.
func joins(before []rune, next rune) bool {
	last := len(before) - 1
	for last >= 0 && unicode.In(before[last], unicode.Mark, unicode.Sk) { // vowels, accents, skin tones
		last--
	}
	if last < 0 {
		return false
	}
	if unicode.Is(unicode.So, before[last]) {
		return unicode.Is(unicode.So, next)
	}
	return isJoined(before[last]) && (isJoined(next) || unicode.Is(unicode.Mark, next))
}

// isJoined reports whether r is a letter or a mark of a script whose letters join, or form
// conjuncts.
func isJoined(r rune) bool {
	return unicode.In(r, unicode.Arabic, unicode.Syriac, unicode.Nko, unicode.Mandaic, unicode.Manichaean, unicode.Mongolian,
		unicode.Phags_Pa, unicode.Adlam, unicode.Hanifi_Rohingya, unicode.Devanagari, unicode.Bengali, unicode.Gurmukhi,
		unicode.Gujarati, unicode.Oriya, unicode.Tamil, unicode.Telugu, unicode.Kannada, unicode.Malayalam, unicode.Sinhala,
		unicode.Tibetan, unicode.Myanmar, unicode.Khmer, unicode.Balinese, unicode.Javanese, unicode.Sundanese, unicode.Chakma,
		unicode.Grantha, unicode.Newa, unicode.Tirhuta)
}

// varies reports whether a variation selector is allowed after a character: each script has its
// own.
func varies(before, selector rune) bool {
	switch {
	case unicode.Is(unicode.Mongolian, before):
		return unicode.Is(unicode.Mongolian, selector) || selector == '\u180f'
	case unicode.Is(unicode.Han, before):
		return !unicode.Is(unicode.Mongolian, selector)
	default: // emoji and mathematical symbols, as text or in colour
		return selector >= '\ufe00' && selector <= '\ufe0f' &&
			(unicode.IsSymbol(before) || before == '#' || before == '*' || unicode.IsDigit(before) ||
				unicode.Is(unicode.Po, before))
	}
}
