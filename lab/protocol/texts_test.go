package protocol_test

import (
	"net/http"
	"regexp"
	"testing"
	"unicode"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/plinth/api"
	"example.com/plinth/internal/apitest"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/formats"
)

// Consumers read the published pattern: up to U+FFFF it refuses what the service refuses in any
// context. Joiners and variation selectors depend on their neighbours.
func TestPublishedPatternAgreesWithTexts(t *testing.T) {
	t.Parallel()
	contract, err := api.Published()
	apitest.Must(t, err)
	spec, err := openapi3.NewLoader().LoadFromData(contract)
	apitest.Must(t, err)
	search := spec.Paths.Value("/api/v1/users").Get.Parameters.GetByInAndName(openapi3.ParameterInQuery, "search")
	pattern := regexp.MustCompile(search.Schema.Value.Pattern)
	for r := rune(' '); r <= '\uffff'; r++ {
		if unicode.In(r, unicode.Variation_Selector, unicode.Cs) || r == '\u034f' || r == '\u200c' || r == '\u200d' || unicode.IsControl(r) {
			continue
		}
		text := "a" + string(r) + "b"
		if pattern.MatchString(text) == formats.HasInvisible(text) {
			t.Errorf("%U: the published pattern and the service disagree", r)
		}
	}
}

// TestPasswordsMayHoldInvisibleCharacters checks that passwords, which are never shown, may have
// any characters.
func TestPasswordsMayHoldInvisibleCharacters(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	const typed = "zero\u200bwidth \u202e passphrase"
	user := pgtest.User(t, s.Store, pgtest.UserOpts{PasswordHash: pgtest.HashPassword(t, typed)})
	response, body := s.Send(t, apitest.Login(apitest.Credentials(user.Email, typed)))
	apitest.Want(t, "status", response.StatusCode, http.StatusOK, body)
}
