package httpapi_test

import (
	"net/http"
	"testing"

	"example.com/plinth/gen/api"
	"example.com/plinth/gen/apiclient"
	"example.com/plinth/gen/apicontract"
	"example.com/plinth/internal/apitest"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/apispec"
	"example.com/plinth/kit/contracttest"
)

var verificationFixture = fixture{
	public: []string{"confirmVerification"},
	samples: map[string]func(*apitest.Server, apitest.Account) string{
		"confirmVerification": func(s *apitest.Server, caller apitest.Account) string {
			_, err := caller.RequestVerificationWithResponse(s.T.Context())
			apitest.Must(s.T, err)
			return s.TokenTo(s.T, caller.Email, domain.MailVerification)
		},
	},
}

// verify makes the e-mail of an account verified.
func verify(s *apitest.Server, a apitest.Account) {
	s.T.Helper()
	pgtest.Exec(s.T, s.Database, "UPDATE users SET email_verified_at = now() WHERE email = $1", a.Email)
}

// user returns the account as its owner sees it.
func user(t *testing.T, a apitest.Account) apiclient.User {
	t.Helper()
	me, err := a.GetCurrentUserWithResponse(t.Context())
	apitest.Must(t, err)
	apitest.Want(t, "status", me.StatusCode(), http.StatusOK, me.Body)
	return *me.JSON200
}

func TestVerification(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	ada := s.Register()
	apitest.Want(t, "whether verified", user(t, ada).EmailVerifiedAt == nil, true, nil)
	first := s.TokenTo(t, ada.Email, domain.MailVerification)

	resent, err := ada.RequestVerificationWithResponse(t.Context())
	apitest.Must(t, err)
	apitest.Want(t, "status", resent.StatusCode(), http.StatusAccepted, resent.Body)
	second := s.TokenTo(t, ada.Email, domain.MailVerification)
	again, err := ada.RequestVerificationWithResponse(t.Context())
	apitest.Must(t, err)
	apitest.Want(t, "status within a minute", again.StatusCode(), http.StatusTooManyRequests, again.Body)

	confirm := func(token string) *apiclient.ConfirmVerificationResponse {
		response, err := s.Client("").ConfirmVerificationWithResponse(t.Context(), apiclient.OneTimeTokenRequest{Token: token})
		apitest.Must(t, err)
		return response
	}
	for _, test := range []struct {
		name, token string
		status      int
	}{
		{"malformed", "ot_x", 401},
		{"unknown", exampleToken[:46], 401},
		{"replaced", first, 401},
		{"valid", second, 204},
		{"used", second, 401},
	} {
		response := confirm(test.token)
		apitest.Want(t, test.name, response.StatusCode(), test.status, response.Body)
		if test.status == http.StatusUnauthorized {
			apitest.Want(t, "code", response.ApplicationProblemJSON401.Code, apiclient.ProblemCodeInvalidOneTimeToken, response.Body)
		}
	}
	apitest.Want(t, "whether verified", user(t, ada).EmailVerifiedAt != nil, true, nil)

	sent := len(s.MailsTo(t, ada.Email))
	_, err = ada.RequestVerificationWithResponse(t.Context())
	apitest.Must(t, err)
	apitest.Want(t, "mails after a request of a verified account", len(s.MailsTo(t, ada.Email)), sent, nil)

	bob := s.Register()
	expired := s.TokenTo(t, bob.Email, domain.MailVerification)
	pgtest.Exec(t, s.Database, "UPDATE one_time_tokens SET expires_at = now()")
	apitest.Want(t, "expired", confirm(expired).StatusCode(), http.StatusUnauthorized, nil)
	purged, err := s.Services.Users.PurgeOneTimeTokens(t.Context())
	apitest.Must(t, err)
	apitest.Want(t, "whether tokens were purged", purged > 0, true, nil)
}

// TestMailsToAMailboxAreLimited checks one mail a minute, and ten a day.
func TestMailsToAMailboxAreLimited(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	statuses := map[int]int{}
	for range 11 {
		reset, err := s.Client("").RequestPasswordResetWithResponse(t.Context(), apiclient.RequestPasswordResetRequest{
			Email: "unknown@example.com",
		})
		apitest.Must(t, err)
		statuses[reset.StatusCode()]++
		refused, err := s.Client("").RequestPasswordResetWithResponse(t.Context(), apiclient.RequestPasswordResetRequest{
			Email: "UNKNOWN@example.com",
		})
		apitest.Must(t, err)
		apitest.Want(t, "status within a minute", refused.StatusCode(), http.StatusTooManyRequests, refused.Body)
		pgtest.Exec(t, s.Database, `UPDATE throttles SET blocked_until = blocked_until - interval '1 minute',
			forgiven_at = forgiven_at - interval '1 minute'`)
	}
	apitest.Want(t, "mails of a day", statuses[http.StatusAccepted], 10, nil)
	apitest.Want(t, "refusals", statuses[http.StatusTooManyRequests], 1, nil)
}

// TestUnverifiedAccounts sends each operation with a role as an account with an unverified e-mail to
// a server that requires verified ones.
func TestUnverifiedAccounts(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{Settings: map[string]string{"REQUIRE_VERIFIED_EMAIL": "true"}})
	spec, err := api.GetSpec()
	apitest.Must(t, err)
	contract, err := apispec.New(spec, apispec.Rules{Roles: apicontract.Roles(), RateClasses: apicontract.RateClasses()})
	apitest.Must(t, err)
	allowed := map[string]bool{}
	for _, op := range contract.Operations() {
		allowed[op.ID] = op.AllowsUnverified
	}
	send := func(op contracttest.Operation, as apitest.Account) apiclient.ProblemCode {
		response, body := s.Send(t, apitest.Documented(t, op).As(as))
		return apitest.ProblemOf(t, response, body).Code
	}
	verified := s.RegisterAdmin()
	verify(s, verified)
	for _, op := range apitest.Contract.Operations() {
		if op.Role == "" {
			continue
		}
		refused := send(op, s.RegisterAdmin()) == apiclient.ProblemCodeEmailNotVerified
		apitest.Want(t, op.ID+" refuses unverified accounts", refused, !allowed[op.ID], nil)
		if refused {
			refused = send(op, verified) == apiclient.ProblemCodeEmailNotVerified
			apitest.Want(t, op.ID+" refuses verified accounts", refused, false, nil)
		}
	}
}
