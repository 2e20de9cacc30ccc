package auth_test

import (
	"errors"
	"strings"
	"testing"

	"example.com/plinth/kit/auth"
)

func TestParseBearer(t *testing.T) {
	t.Parallel()
	longest := strings.Repeat("a", 4096)
	tests := []struct {
		name    string
		headers []string
		want    string
		err     error
	}{
		{"token", []string{"Bearer abc.DEF-1_2"}, "abc.DEF-1_2", nil},
		{"lower case scheme", []string{"bearer abc"}, "abc", nil},
		{"upper case scheme", []string{"BEARER abc"}, "abc", nil},
		{"whole alphabet and padding", []string{"Bearer aZ09-._~+/=="}, "aZ09-._~+/==", nil},
		{"4 KiB", []string{"Bearer " + longest}, longest, nil},
		{"no header", nil, "", auth.ErrNoToken},
		{"empty header", []string{""}, "", auth.ErrNoToken},
		{"other scheme", []string{"Basic dXNlcjpwYXNz"}, "", auth.ErrNoToken},
		{"scheme that only starts alike", []string{"Bearers abc"}, "", auth.ErrNoToken},
		{"scheme with a Kelvin sign look-alike", []string{"Be\u212arer abc"}, "", auth.ErrNoToken},
		{"leading space", []string{" Bearer abc"}, "", auth.ErrNoToken},
		{"two headers", []string{"Bearer abc", "Bearer abc"}, "", auth.ErrMultipleCredentials},
		{"two headers, one empty", []string{"Bearer abc", ""}, "", auth.ErrMultipleCredentials},
		{"two headers, no bearer", []string{"Basic abc", "Digest abc"}, "", auth.ErrMultipleCredentials},
		{"scheme alone", []string{"Bearer"}, "", auth.ErrInvalidToken},
		{"scheme and space alone", []string{"Bearer "}, "", auth.ErrInvalidToken},
		{"two spaces", []string{"Bearer  abc"}, "abc", nil},
		{"many spaces", []string{"Bearer" + strings.Repeat(" ", 9000) + "abc"}, "abc", nil},
		{"spaces alone", []string{"Bearer   "}, "", auth.ErrInvalidToken},
		{"tab", []string{"Bearer \tabc"}, "", auth.ErrInvalidToken},
		{"trailing space", []string{"Bearer abc "}, "", auth.ErrInvalidToken},
		{"two tokens", []string{"Bearer abc def"}, "", auth.ErrInvalidToken},
		{"list", []string{"Bearer abc, Bearer def"}, "", auth.ErrInvalidToken},
		{"line break", []string{"Bearer abc\n"}, "", auth.ErrInvalidToken},
		{"NUL", []string{"Bearer a\x00c"}, "", auth.ErrInvalidToken},
		{"not ASCII", []string{"Bearer ábc"}, "", auth.ErrInvalidToken},
		{"padding alone", []string{"Bearer =="}, "", auth.ErrInvalidToken},
		{"padding within", []string{"Bearer a=c"}, "", auth.ErrInvalidToken},
		{"quoted", []string{`Bearer "abc"`}, "", auth.ErrInvalidToken},
		{"over 4 KiB", []string{"Bearer " + longest + "a"}, "", auth.ErrInvalidToken},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := auth.ParseBearer(test.headers)
			if got != test.want || !errors.Is(err, test.err) {
				t.Errorf("ParseBearer = %q, %v, want %q, %v", got, err, test.want, test.err)
			}
		})
	}
}
