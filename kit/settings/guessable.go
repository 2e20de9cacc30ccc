package settings

import (
	"slices"
	"strings"
	"unicode"
)

// published are secrets that tutorials and examples print, in lower case, of 32 bytes or more. They look random, and are in
// every list of an attacker.
var published = []string{
	"09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",                     // FastAPI
	"192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf",                     // Flask
	"404e635266556a586e3272357538782f413f4428472b4b6250645367566b5970",                     // Spring
	"3cfa76ef14937c1c0ea519f8fc057a80fcd04a7420f8e8bcd0a7567c272e007b",                     // Spring
	"aym1sysppbydfgzld3umj1qzkobwvmkoqq-estjqlr_t-1qs0gzh75aktmn3yj0ips4hcgutwjazr1z9cayw", // RFC 7515, appendix A.1
	"3ek6fd+o0+c7tzbnvfjpmkndi2yaraakzqlk8o2ikoxqu4nf7edah8s3twphwrdwt6r",                  // Hasura
	"qwertyuiopasdfghjklzxcvbnm123456", "your-256-bit-secret-your-256-bit-secret",          // jwt.io
	"django-insecure-", "somerandomstringwith32characters", "a-string-secret-at-least-256-bits-long", // Django, Laravel, jwt.io
}

// placeholders are parts of secrets that ask to be replaced.
var placeholders = []string{
	"changeme", "change-me", "change_me", "change me", "secret", "password", "example", "default", "insecure",
	"placeholder", "replace", "development", "testing", "your-", "your_", "12345678", "abcdefgh", "qwerty", "letmein",
}

// words are common ones of three letters or more, the longest first where one begins with another.
var words = strings.Fields(`production application authentication authorization administrator environment organization international
	development configuration enterprise foundation generation information management permission protection technology
	something everything somebody everybody nobody anything battery staple correct horse dragon monkey sunshine princess
	football baseball superman batman master shadow welcome freedom whatever internet computer keyboard wonderful beautiful
	really random string secure security access refresh session signing signature token server service backend frontend
	database postgres company project website account address private public internal external company please because
	should would could through another between against without within always never forever today tomorrow yesterday
	morning evening coffee winter summer spring autumn monday friday sunday january december number letter phrase sentence
	strong super simple little people family friend house water world money night light right great small other which there
	their these those where while after before again under about above below every first second third three seven eight
	hello thank would could still think thing that this with from have been were will what when your mine ours them they
	then than long very much many more most some such only over into just like love make made know need want take give
	find come good best safe next last life time year week hour name user users admin root login code data file key keys
	test demo beta temp jwt api app dev prod live local cloud main core base node rust java ruby rails django laravel flask
	spring express react angular hash salt sign auth bearer plinth not the and for are but you all any can had her was
	one our out day get has him his how man new now old see two way who boy did its let put say she too use bits byte bytes
	characters minimum least`)

func isPublished(secret string) bool {
	return slices.ContainsFunc(published, func(known string) bool { return strings.Contains(strings.ToLower(secret), known) })
}

// isGuessable finds secrets that no random generator makes: placeholders, repetitions, phrases. A random
// text of 32 bytes, be it hexadecimal, is taken for one in less than one case in a million, one in lower-case letters
// excepted, which is taken for a phrase more often.
func isGuessable(secret string) bool {
	lower := strings.ToLower(secret)
	contains := func(part string) bool { return strings.Contains(lower, part) }
	return slices.ContainsFunc(placeholders, contains) ||
		isRepetitive(lower) || isPhrase(secret)
}

// isRepetitive reports whether few characters are different, or a quarter of all threes in a row have been there before.
func isRepetitive(text string) bool {
	text = text[:min(len(text), 256)] // in longer ones threes repeat by chance
	characters, threes := map[byte]bool{}, map[string]bool{}
	for i := range len(text) {
		characters[text[i]] = true
		if i+3 <= len(text) {
			threes[text[i:i+3]] = true
		}
	}
	return len(characters) < 8 || 4*len(threes) < 3*(len(text)-2)
}

// isPhrase reports whether a text consists of words, up to digits and punctuation at its ends: two fifths of it are common
// words, or it has vowels as words do, no digits and hardly two cases, as no random text of that length does.
func isPhrase(secret string) bool {
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
	if 5*coveredByWords(letters) >= 2*len(secret) {
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

// coveredByWords returns how many letters are in words that follow each other or stand alone, the longest word first.
func coveredByWords(letters string) int {
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
