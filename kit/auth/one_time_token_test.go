package auth_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"example.com/plinth/kit/auth"
)

// Text and hash of the token with the secret bytes 0 to 31, computed with Python.
const (
	knownOneTimeToken = "ot_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
	knownOneTimeHash  = "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd"
)

func TestOneTimeTokenFormat(t *testing.T) {
	t.Parallel()
	token, err := auth.NewOneTimeToken(bytes.NewReader(knownSecret()))
	if err != nil || token.Reveal() != knownOneTimeToken {
		t.Fatalf("the token is %s (%v), want %s", token.Reveal(), err, knownOneTimeToken)
	}
	if hash := token.Hash(); hex.EncodeToString(hash[:]) != knownOneTimeHash {
		t.Errorf("Hash() = %x, want %s", hash, knownOneTimeHash)
	}
	parsed, err := auth.ParseOneTimeToken(knownOneTimeToken)
	if err != nil || parsed.Hash() != token.Hash() {
		t.Errorf("ParseOneTimeToken gives another token, or %v", err)
	}
	encoded, err := json.Marshal(token)
	if printed := fmt.Sprintf("%v %s %#v %s", token, token.LogValue(), &token, encoded); err != nil ||
		strings.Contains(printed, "AAEC") || strings.Count(printed, "[redacted]") < 3 {
		t.Errorf("printing shows %s (%v)", printed, err)
	}
}

func TestParseOneTimeTokenErrors(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"empty": "", "prefix only": "ot_", "another prefix": "rt_" + knownOneTimeToken[3:],
		"short": knownOneTimeToken[:45], "long": knownOneTimeToken + "A", "spare bits": knownOneTimeToken[:45] + "9",
		"padding": knownOneTimeToken + "=", "line break": knownOneTimeToken[:20] + "\n" + knownOneTimeToken[20:],
	} {
		if _, err := auth.ParseOneTimeToken(text); !errors.Is(err, auth.ErrMalformedOneTimeToken) {
			t.Errorf("%s: err = %v", name, err)
		}
	}
}

func TestNewOneTimeTokenReportsAFailingRandomSource(t *testing.T) {
	t.Parallel()
	if _, err := auth.NewOneTimeToken(bytes.NewReader(make([]byte, 31))); err == nil {
		t.Error("31 bytes are enough")
	}
}
