package httpapi_test

import (
	"net/http"
	"testing"

	"example.com/plinth/gen/apiclient"
	"example.com/plinth/internal/apitest"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/contracttest"
)

var invitationFixture = fixture{
	public: []string{"acceptInvitation"},
	rows:   map[string]rows{"deleteInvitation": {shared: "admins share all invitations"}},
	samples: map[string]func(*apitest.Server, apitest.Account) string{
		"acceptInvitation": func(s *apitest.Server, _ apitest.Account) string {
			return s.TokenTo(s.T, invite(s, s.RegisterAdmin(), "user").Email, domain.MailInvitation)
		},
		"deleteInvitation": func(s *apitest.Server, caller apitest.Account) string {
			_, err := s.Store.CreateInvitation(s.T.Context(), domain.NewInvitation{
				ID: "01JD8Z7A2B3C4D5E6F7G8H9J0K", Email: apitest.NewEmail(), Role: domain.RoleUser,
				InvitedBy: s.User(caller).ID, Lifetime: 1e12,
			})
			apitest.Must(s.T, err)
			return ""
		},
	},
	known: func(s *apitest.Server) contracttest.Known {
		admin := s.RegisterAdmin()
		invitation, other := invite(s, admin, "user"), invite(s, admin, "user")
		return contracttest.Known{"id": {invitation.ID, other.ID}}
	},
}

func invite(s *apitest.Server, admin apitest.Account, role apiclient.UserRole) apiclient.Invitation {
	s.T.Helper()
	response, err := admin.CreateInvitationWithResponse(s.T.Context(), apiclient.CreateInvitationRequest{
		Email: apitest.NewEmail(), Role: role, Name: new("Grace"),
	})
	apitest.Must(s.T, err)
	apitest.Want(s.T, "status", response.StatusCode(), http.StatusCreated, response.Body)
	return *response.JSON201
}

func accept(s *apitest.Server, token, password string) *apiclient.AcceptInvitationResponse {
	s.T.Helper()
	response, err := s.Client("").AcceptInvitationWithResponse(s.T.Context(), apiclient.AcceptInvitationRequest{
		Token: token, Password: password,
	})
	apitest.Must(s.T, err)
	return response
}

func TestInvitations(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	admin := s.RegisterAdmin()

	t.Run("an accepted invitation is an account", func(t *testing.T) {
		t.Parallel()
		s := s.In(t)
		invitation := invite(s, admin, "admin")
		token := s.TokenTo(t, invitation.Email, domain.MailInvitation)
		weak := accept(s, token, "password1234567")
		apitest.Want(t, "status of a weak password", weak.StatusCode(), http.StatusUnprocessableEntity, weak.Body)
		accepted := accept(s, token, apitest.Password)
		apitest.Want(t, "status", accepted.StatusCode(), http.StatusCreated, accepted.Body)
		me, err := s.Client(accepted.JSON201.AccessToken).GetCurrentUserWithResponse(t.Context())
		apitest.Must(t, err)
		apitest.Want(t, "id", me.JSON200.ID, invitation.ID, me.Body)
		apitest.Want(t, "role", me.JSON200.Role, apiclient.UserRoleAdmin, me.Body)
		apitest.Want(t, "name", *me.JSON200.Name, "Grace", me.Body)
		apitest.Want(t, "whether verified", me.JSON200.EmailVerifiedAt != nil, true, me.Body)
		again := accept(s, token, apitest.Password)
		apitest.Want(t, "status of a used token", again.StatusCode(), http.StatusUnauthorized, again.Body)
	})
	t.Run("pages of other sites cannot ask for cookies", func(t *testing.T) {
		t.Parallel()
		s := s.In(t)
		refused, body := s.Send(t, apitest.Post(
			"/api/v1/auth/invitation/acceptance", `{"token":"x","password":"correct horse battery staple"}`,
		).With("X-Token-Transport", "cookie").With("Origin", "https://evil.example"))
		apitest.Want(t, "status", refused.StatusCode, http.StatusForbidden, body)
	})
	t.Run("an e-mail has one account or one invitation", func(t *testing.T) {
		t.Parallel()
		s := s.In(t)
		invitation := invite(s, admin, "user")
		again, err := admin.CreateInvitationWithResponse(t.Context(), apiclient.CreateInvitationRequest{
			Email: invitation.Email, Role: "user",
		})
		apitest.Must(t, err)
		apitest.Want(t, "code", again.ApplicationProblemJSON409.Code, apiclient.ProblemCodeAlreadyInvited, again.Body)
		pgtest.Exec(t, s.Database, "UPDATE invitations SET expires_at = now() WHERE id = $1", invitation.ID)
		renewed, err := admin.CreateInvitationWithResponse(t.Context(), apiclient.CreateInvitationRequest{
			Email: invitation.Email, Role: "user",
		})
		apitest.Must(t, err)
		apitest.Want(t, "status after it expired", renewed.StatusCode(), http.StatusCreated, renewed.Body)

		token := s.TokenTo(t, invitation.Email, domain.MailInvitation)
		pgtest.User(t, s.Store, pgtest.UserOpts{Email: invitation.Email})
		taken, err := admin.CreateInvitationWithResponse(t.Context(), apiclient.CreateInvitationRequest{
			Email: invitation.Email, Role: "user",
		})
		apitest.Must(t, err)
		apitest.Want(t, "code", taken.ApplicationProblemJSON409.Code, apiclient.ProblemCodeEmailTaken, taken.Body)
		late := accept(s, token, apitest.Password)
		apitest.Want(t, "status", late.StatusCode(), http.StatusConflict, late.Body)
	})
	t.Run("a deleted or expired invitation cannot be accepted", func(t *testing.T) {
		t.Parallel()
		s := s.In(t)
		for _, end := range []func(id string){
			func(id string) {
				deleted, err := admin.DeleteInvitationWithResponse(t.Context(), id)
				apitest.Must(t, err)
				apitest.Want(t, "status", deleted.StatusCode(), http.StatusNoContent, deleted.Body)
			},
			func(id string) {
				pgtest.Exec(t, s.Database, "UPDATE invitations SET expires_at = now() WHERE id = $1", id)
			},
		} {
			invitation := invite(s, admin, "user")
			token := s.TokenTo(t, invitation.Email, domain.MailInvitation)
			end(invitation.ID)
			refused := accept(s, token, apitest.Password)
			apitest.Want(t, "status", refused.StatusCode(), http.StatusUnauthorized, refused.Body)
			missing, err := admin.DeleteInvitationWithResponse(t.Context(), invitation.ID)
			apitest.Must(t, err)
			apitest.Want(t, "status", missing.StatusCode(), http.StatusNotFound, missing.Body)
		}
		_, err := s.Services.Invitations.PurgeInvitations(t.Context())
		apitest.Must(t, err)
	})
}

func TestListInvitations(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	admin := s.RegisterAdmin()
	var wanted, got []string
	for range 5 {
		wanted = append([]string{invite(s, admin, "user").ID}, wanted...)
	}
	params := apiclient.ListInvitationsParams{Limit: new(int32(2))}
	for {
		page, err := admin.ListInvitationsWithResponse(t.Context(), &params)
		apitest.Must(t, err)
		apitest.Want(t, "status", page.StatusCode(), http.StatusOK, page.Body)
		for _, invitation := range page.JSON200.Items {
			got = append(got, invitation.ID)
			apitest.Want(t, "inviter", *invitation.InvitedBy, s.User(admin).ID, page.Body)
		}
		if params.Cursor = page.JSON200.NextCursor; params.Cursor == nil {
			break
		}
	}
	if len(got) != len(wanted) || got[0] != wanted[0] || got[4] != wanted[4] {
		t.Errorf("the pages list %v, want %v", got, wanted)
	}
}
