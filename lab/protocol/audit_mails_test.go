package protocol_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"example.com/plinth/internal/apitest"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
)

// accountMails use the tokens of mails.
func accountMails() []doing {
	const confirm = "/confirmation"
	use := func(path, body, token string) apitest.Request {
		return apitest.Post("/api/v1/auth/"+path, fmt.Sprintf(`{"token":%q%s}`, token, body))
	}
	verify := func(t *testing.T, c *cast) apitest.Request {
		t.Helper()
		return use("verification"+confirm, "", c.TokenTo(t, c.ada.Email, domain.MailVerification))
	}
	change := func(t *testing.T, c *cast) string {
		t.Helper()
		email := apitest.NewEmail()
		response, body := c.Send(t, apitest.Change(c.ada, fmt.Sprintf(`{"email":%q,%s}`, email, rightPassword)))
		apitest.Want(t, "status", response.StatusCode, http.StatusOK, body)
		return email
	}
	return []doing{
		{"verify the e-mail", verify, 204, []string{"user_email_verification ada ada - -"}},
		{"reset the password", func(t *testing.T, c *cast) apitest.Request {
			t.Helper()
			c.requestReset(t)
			token := c.TokenTo(t, c.ada.Email, domain.MailPasswordReset)
			return use("password-reset"+confirm, `,"password":"another good password"`, token)
		}, 204, []string{
			"authn_password_change ada ada - -", "authn_password_reset ada ada - -", "user_email_verification ada ada - -",
			endedHere + "password_changed", endedThere + "password_changed",
		}},
		{"confirm a change of the e-mail", func(t *testing.T, c *cast) apitest.Request {
			t.Helper()
			return use("email-change"+confirm, "", c.TokenTo(t, change(t, c), domain.MailEmailChangeConfirm))
		}, 204, []string{"user_email_change ada ada - -", "user_email_verification ada ada - -"}},
		{"undo a change of the e-mail", func(t *testing.T, c *cast) apitest.Request {
			t.Helper()
			c.Send(t, verify(t, c))
			c.Send(t, use("email-change"+confirm, "", c.TokenTo(t, change(t, c), domain.MailEmailChangeConfirm)))
			return use("email-change/undo", "", c.TokenTo(t, c.ada.Email, domain.MailEmailChangeNotice))
		}, 204, []string{
			"authn_password_change ada ada - -", "user_email_change ada ada - -", "user_email_change_undo ada ada - -",
			endedHere + "password_changed", endedThere + "password_changed",
		}},
		{"change the password while a change of the e-mail is pending", func(t *testing.T, c *cast) apitest.Request {
			t.Helper()
			change(t, c)
			return apitest.Change(c.ada, `{"password":"another good password",`+rightPassword+`}`)
		}, 200, []string{
			"authn_password_change ada ada here -", "user_email_change_cancel ada ada here -", endedThere + "password_changed",
		}},
		{"use an unknown token", func(*testing.T, *cast) apitest.Request {
			return use("verification"+confirm, "", "ot_x")
		}, 401, nil},
	}
}

func (c *cast) requestReset(t *testing.T) {
	t.Helper()
	response, body := c.Send(t, apitest.Post("/api/v1/auth/password-reset", fmt.Sprintf(`{"email":%q}`, c.ada.Email)))
	apitest.Want(t, "status", response.StatusCode, http.StatusAccepted, body)
}

func invitations() []doing {
	const path = "/api/v1/users/invitations"
	invite := func(c *cast) apitest.Request {
		return apitest.Post(path, fmt.Sprintf(`{"email":%q,"role":"user"}`, apitest.NewEmail())).As(c.root)
	}
	return []doing{
		{"invite", func(_ *testing.T, c *cast) apitest.Request { return invite(c) }, 201, []string{
			"invitation_created root someone office user",
		}},
		{"withdraw an invitation", func(t *testing.T, c *cast) apitest.Request {
			t.Helper()
			_, body := c.Send(t, invite(c))
			var created struct {
				ID string `json:"id"`
			}
			apitest.Must(t, json.Unmarshal(body, &created))
			return apitest.Request{Method: http.MethodDelete, Path: path + "/" + created.ID}.As(c.root)
		}, 204, []string{"invitation_deleted root someone office -"}},
	}
}

// The job records the request of a reset: the request itself does not look the account up.
func TestPasswordResetRequestsAreRecorded(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	c := newCast(t, s)
	c.requestReset(t)
	s.RunJobs(t)
	const query = `SELECT coalesce(string_agg(target_id, ','), '') FROM audit_events WHERE type = 'authn_password_reset_request'`
	apitest.Want(t, "accounts", pgtest.Value[string](t, s.Database, query), apitest.ClaimOf(c.ada, "sub"), nil)
}
