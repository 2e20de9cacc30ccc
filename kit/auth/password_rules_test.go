package auth_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"example.com/plinth/kit/auth"
)

func TestCheckPassword(t *testing.T) {
	t.Parallel()
	const phrase = "correct horse battery staple of oaks 7"
	words := []string{"Bob.Smith@example.com", "Plinth"}
	tests := []struct {
		name, password string
		want           error
	}{
		{"12 characters", "kv7#Qw2m:xR9", nil},
		{"11 characters", "kv7#Qw2m:xR", auth.ErrPasswordTooShort},
		{"empty", "", auth.ErrPasswordTooShort},
		{"12 code points of 4 bytes", "🜁🜂🜃🜄🜅🜆🜇🜈🜉🜊🜋🜌", nil},
		{"12 code points that compose to 6", "e\u0301u\u0302i\u0303a\u0308n\u0303c\u0327", auth.ErrPasswordTooShort},
		{"4 code points that decompose to 12", strings.Repeat("ﬄ", 4), auth.ErrPasswordBlocklisted},
		{"128 characters", phrase + strings.Repeat("aé", 45), nil},
		{"129 characters", strings.Repeat("aé", 64) + "x", auth.ErrPasswordTooLong},
		{"128 code points that become more", strings.Repeat("ﷺ", 128), auth.ErrPasswordTooLong},
		{
			"1,026 bytes that compose to 114 characters",
			strings.Repeat("\u1112\u1161\u11ab", 114),
			auth.ErrPasswordTooLong,
		},
		{"a passphrase", phrase, nil},
		{"no composition rules", "lowercaseonlyphrase", nil},
		{"a common word within", "password for the shed", nil},
		{"three common words", "another good password", nil},
		{"what people do not choose", "人間万事塞翁が馬が行く道", nil},
		{"the app's name in a phrase", "my plinth is made of oak", nil},
		{"the app's name and many digits", "plinth 8402 7391", nil},
		{"the local part", "bob.smithbob.smith", auth.ErrPasswordBlocklisted},
		{"the local part without its dot", "BobSmithBobSmith", auth.ErrPasswordBlocklisted},
		{"the local part and a year", "Bob.Smith-1984!", auth.ErrPasswordBlocklisted},
		{"the whole e-mail", "bob.smith@example.com", auth.ErrPasswordBlocklisted},
		{"the app's name and digits", "plinth123456!", auth.ErrPasswordBlocklisted},
		{"the app's name twice", "PlinthPlinth", auth.ErrPasswordBlocklisted},
		{"the app's name and a word", "plinth welcome", auth.ErrPasswordBlocklisted},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if err := auth.CheckPassword(test.password, 12, words...); !errors.Is(err, test.want) {
				t.Errorf("CheckPassword(%q) = %v, want %v", test.password, err, test.want)
			}
		})
	}
}

// Long passwords that attackers try first.
func TestCheckPasswordRejectsGuessablePasswords(t *testing.T) {
	t.Parallel()
	for kind, passwords := range map[string][]string{
		"blank": {
			strings.Repeat(" ", 15), strings.Repeat("\u200b", 15), strings.Repeat("\u200b\u2060\ufeff", 6), strings.Repeat("\u3164\u00ad\ufe0f", 6),
			strings.Repeat("\u2028 \u00a0", 6), strings.Repeat("\u200b", 14) + "a", "\U000e0061\U000e0062\U000e0063" + strings.Repeat("\u2800", 12),
		},
		"one character": {"aaaaaaaaaaaaaaa", "000000000000000", "!!!!!!!!!!!!!!!", "яяяяяяяяяяяяяяя", "aaaaabbbbbccccc", "1111222233334444"},
		"a sequence": {
			"abcdefghijklmno", "onmlkjihgfedcba", "123456789012345", "987654321098765", "qwertyuiopasdfgh", "poiuytrewqlkjhg",
			"1qaz2wsx3edc4rfv", "!@#$%^&*()_+123", "abcd1234efgh5678", "qwerty123456789", "zxcvbnmasdfghjkl", "AbCdEfGhIjKlMnO",
		},
		"a repeat": {
			"passwordpassword", "password password", "abcabcabcabcabc", "iloveyouiloveyou", "xk29xk29xk29xk29", "пароль пароль пароль",
			"Summer2026!Summer2026!", "blink182blink182", "12ab12ab12ab12ab", "a1b2c3d4e5f6g7h8", "p a s s w o r d", "p.a.s.s.w.o.r.d.1",
		},
		"leet": {"P@ssw0rdP@ssw0rd", "P455w0rd2026!!!", "Adm1n1strat0r!!", "$up3r$3cr3t2026", "w3lc0m3w3lc0m3!"},
		"a suffix": {
			"Password1234567!", "MyPassword2026!!", "Company2026!!!!!", "liverpoolfc2026!", "administrator123", "letmein1234567!", "2026Password!!!",
			"Welcome2026!Welcome", "january2026january", "Pässwörd2026!!!", "drowssapdrowssap",
		},
		"short ones": {"        ", "Passw0rd!", "Password123!", "P@ssw0rd2026", "Summer2026!", "pass word", "aaaaaaaaaaaa"},
	} {
		for _, password := range passwords {
			if err := auth.CheckPassword(password, 0, "ada@example.com"); !errors.Is(err, auth.ErrPasswordBlocklisted) {
				t.Errorf("%s: CheckPassword(%q) = %v, want ErrPasswordBlocklisted", kind, password, err)
			}
		}
	}
}

func TestCheckPasswordIgnoresVeryShortContext(t *testing.T) {
	t.Parallel()
	if err := auth.CheckPassword("8a#kR$w^9&*mtQz", 15, "a@example.com", "", "8", "@"); err != nil {
		t.Errorf("err = %v, want none", err)
	}
}

func TestBlocklist(t *testing.T) {
	t.Parallel()
	text := auth.BlocklistText()
	if !strings.HasSuffix(text, "\n") {
		t.Fatal("the blocklist does not end with a line break, which the search relies on")
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) < 40_000 {
		t.Errorf("%d entries, want at least 40,000", len(lines))
	}
	if !slices.IsSorted(lines) {
		t.Error("the blocklist is not sorted by bytes, which the search relies on")
	}
	if len(slices.Compact(slices.Clone(lines))) != len(lines) {
		t.Error("the blocklist has duplicates")
	}
	for _, line := range lines {
		if utf8.RuneCountInString(line) < 4 || line != norm.NFKC.String(strings.ToLower(line)) {
			t.Errorf("%q can never match", line)
		}
		if err := auth.CheckPassword(line, 0); !errors.Is(err, auth.ErrPasswordBlocklisted) {
			t.Errorf("CheckPassword(%q) = %v, want ErrPasswordBlocklisted", line, err)
		}
	}
}

func TestRefusePasswordExplains(t *testing.T) {
	t.Parallel()
	for password, want := range map[string]string{
		"short":                          "too_short",
		strings.Repeat("x", 1025):        "too_long",
		"aaaaaaaaaaaaaaaaaaaa":           "password_blocklisted",
		"carpenter oak\x00kv7#Qw2mTT":    "control_character",
		"carpenter oak\xffkv7#Qw2mTT":    "control_character",
		"kv7#Qw2mTTcarpenter oak bridge": "",
	} {
		code := ""
		if refused := auth.RefusePassword(password, 15); refused != nil {
			code = refused.Code
			if refused.Message == "" {
				t.Errorf("%q: the refusal has no message", password)
			}
		}
		if code != want {
			t.Errorf("%q: got %q, want %q", password, code, want)
		}
	}
}
