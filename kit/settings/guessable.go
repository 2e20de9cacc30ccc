package settings

import (
	_ "embed" // the list of words
	"slices"
	"strings"
	"unicode"
)

// published are secrets that tutorials print, in lower case, of 32 bytes or more. They look random,
// and attackers try them.
var published = []string{
	"09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",                     // FastAPI
	"192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf",                     // Flask
	"404e635266556a586e3272357538782f413f4428472b4b6250645367566b5970",                     // Spring
	"3cfa76ef14937c1c0ea519f8fc057a80fcd04a7420f8e8bcd0a7567c272e007b",                     // Spring
	"aym1sysppbydfgzld3umj1qzkobwvmkoqq-estjqlr_t-1qs0gzh75aktmn3yj0ips4hcgutwjazr1z9cayw", // RFC 7515, appendix A.1
	"3ek6fd+o0+c7tzbnvfjpmkndi2yaraakzqlk8o2ikoxqu4nf7edah8s3twphwrdwt6r",                  // Hasura
	"qwertyuiopasdfghjklzxcvbnm123456", "your-256-bit-secret-your-256-bit-secret",          // jwt.io
	"a-string-secret-at-least-256-bits-long", // jwt.io
	"django-insecure-",                       // Django
	"somerandomstringwith32characters",       // Laravel
}

// placeholders are parts of secrets that ask to be replaced.
var placeholders = []string{
	"changeme", "change-me", "change_me", "change me", "secret", "password", "example", "default", "insecure",
	"placeholder", "replace", "development", "testing", "your-", "your_", "12345678", "abcdefgh", "qwerty", "letmein",
}

// words are common ones of three letters or more, separated by line breaks.
//
//go:embed blocklist/words.txt
var words string

func isPublished(secret string) bool {
	lower := strings.ToLower(secret)
	return slices.ContainsFunc(published, func(known string) bool { return strings.Contains(lower, known) })
}

// isGuessable reports whether a secret is a placeholder, a repetition or a phrase, also of the
// names of the service. The rate of false positives is below one in a million for 32 random bytes,
// also in hexadecimal; it is higher for lower-case letters alone, which may look like a phrase.
func isGuessable(secret string, names []string) bool {
	lower := strings.ToLower(secret)
	contains := func(part string) bool { return strings.Contains(lower, part) }
	return slices.ContainsFunc(placeholders, contains) || isRepetitive(lower) || isPhrase(secret, names)
}

// isRepetitive reports whether a text has few distinct characters, or repeats a quarter of its
// trigrams.
func isRepetitive(text string) bool {
	text = text[:min(len(text), 256)] // in longer ones trigrams repeat by chance
	characters, trigrams := map[byte]bool{}, map[string]bool{}
	for i := range len(text) {
		characters[text[i]] = true
		if i+3 <= len(text) {
			trigrams[text[i:i+3]] = true
		}
	}
	return len(characters) < 8 || 4*len(trigrams) < 3*(len(text)-2)
}

// isPhrase reports whether a text, without digits and punctuation at its ends, consists of words:
// two fifths of it are common words, or it has the vowels of words, no digits and mostly one case,
// unlike random texts of that length.
func isPhrase(secret string, names []string) bool {
	core := strings.TrimFunc(secret, func(r rune) bool { return !unicode.IsLetter(r) })
	letters := strings.Map(func(r rune) rune {
		if plain, ok := leet[r]; ok {
			r = plain
		}
		if !unicode.IsLetter(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, core)
	if 5*coveredByWords(letters, append(strings.Fields(words), names...)) >= 2*len(secret) {
		return true
	}
	if strings.ContainsFunc(core, unicode.IsDigit) || 2*len(letters) < len(secret) {
		return false
	}
	capitals, vowels := 0, 0
	for _, r := range core {
		if unicode.IsUpper(r) {
			capitals++
		}
	}
	for _, r := range letters {
		if strings.ContainsRune("aeiou", r) {
			vowels++
		}
	}
	return 4*min(capitals, len(letters)-capitals) <= len(letters) && 4*vowels >= len(letters)
}

// leet are characters that stand for letters.
var leet = map[rune]rune{'0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't', '@': 'a', '$': 's', '!': 'i'}

// coveredByWords counts the letters that are in words. Of several words at a position the longest
// counts.
func coveredByWords(letters string, words []string) int {
	covered := 0
	for i := 0; i < len(letters); {
		longest := 0
		for _, word := range words {
			if len(word) > longest && strings.HasPrefix(letters[i:], word) {
				longest = len(word)
			}
		}
		covered += longest
		i += max(longest, 1)
	}
	return covered
}
