package protocol_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"example.com/plinth/gen/apiclient"
	"example.com/plinth/internal/apitest"
	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/auth"
	"example.com/plinth/kit/servertest"
	"example.com/plinth/kit/testdb"
)

// TestSecretsStaySecret sends recognizable secrets wherever a caller can put them, has everything
// happen to them, and looks for them in all that was logged, answered and stored.
func TestSecretsStaySecret(t *testing.T) {
	t.Parallel()
	broken := &fault{}
	keys, err := auth.GenerateKeySet(auth.AlgorithmEdDSA)
	apitest.Must(t, err)
	settings := apitest.SignedBy(t, keys)
	settings["REFRESH_GRACE_SECONDS"] = "0"
	w := &apitest.World{Server: apitest.NewServer(t, apitest.Options{Settings: settings, Store: broken.in})}
	const first, second, wrong, hidden = "zanzibar the first", "zanzibar the second", "zanzibar the wrong", "zanzibar-hidden"
	const stranger = "zanzibar@stranger.example"
	w.Secrets = append(privateMembers(t, keys), first, second, wrong, hidden)
	send := func(r apitest.Request) []byte { // which looks into the answer
		_, body := w.Send(t, r.With("Cookie", "session="+hidden).With("Referer", "https://example.com/?"+hidden))
		return body
	}
	// keep takes the tokens out of an answer: from here on they are secrets.
	keep := func(body []byte) (a apitest.Account) {
		apitest.Must(t, json.Unmarshal(body, &a.Tokens))
		w.Secrets = append(w.Secrets, a.Tokens.AccessToken, a.Tokens.RefreshToken)
		w.Secrets = append(w.Secrets, hashes(t, a.Tokens.RefreshToken)...)
		return a
	}

	email := apitest.NewEmail()
	credentials := func(password string) string { return fmt.Sprintf(`{"email":%q,"password":%q}`, email, password) }
	token := func(text string) string { return fmt.Sprintf(`{"refresh_token":%q}`, text) }
	ada := keep(send(apitest.Register(credentials(first))))
	hash := w.User(apitest.Account{Email: email}).PasswordHash
	w.Secrets = append(w.Secrets, hash, hash[strings.LastIndex(hash, "$")+1:])
	for _, r := range []apitest.Request{
		apitest.Register(credentials(first)),                                    // taken
		apitest.Register(fmt.Sprintf(`{"email":"x","password":%q}`, first)),     // invalid
		apitest.Register(fmt.Sprintf(`{"email":"x","password":%q,}`, first)),    // malformed
		apitest.Register(fmt.Sprintf(`{"email":%q,"password":[%[1]q]}`, first)), // of the wrong type
		apitest.Login(credentials(wrong)),
		apitest.Login(credentials(wrong)).Typed("text/" + hidden),
		apitest.Change(ada, fmt.Sprintf(`{"name":%q,"email":%[1]q}`, wrong)),
		apitest.Login(fmt.Sprintf(`{"email":%q,"password":%q}`, stranger, wrong)),
		apitest.Change(ada, fmt.Sprintf(`{"password":%q,"current_password":%q}`, second, wrong)),
		apitest.Change(ada, fmt.Sprintf(`{"email":%q,"current_password":%q}`, stranger, wrong)),
		apitest.Post(apitest.MePath+"/deletion", fmt.Sprintf(`{"current_password":%q}`, wrong)).As(ada),
		apitest.Get(apitest.MePath + "/sessions").As(ada),
		apitest.Get("/.well-known/jwks.json"),
	} {
		send(r)
	}
	keep(send(apitest.Login(credentials(first))))
	send(apitest.Change(ada, fmt.Sprintf(`{"password":%q,"current_password":%q}`, second, first)))
	next := keep(send(apitest.Refresh(token(ada.Tokens.RefreshToken))))
	for _, text := range []string{next.Tokens.AccessToken, ada.Tokens.RefreshToken, next.Tokens.RefreshToken, wrong} {
		send(apitest.Refresh(token(text)))
	}
	ended := keep(send(apitest.Login(credentials(second))))
	send(apitest.Post("/api/v1/auth/logout", token(ended.Tokens.RefreshToken)))
	send(apitest.Post("/api/v1/auth/logout", token(wrong)))
	root := w.RegisterAdmin()
	for _, r := range []apitest.Request{
		apitest.Get("/api/v1/users?search=" + url.QueryEscape(hidden)), apitest.Get("/api/v1/users"), apitest.Get("/api/v1/audit-events"),
		{Method: http.MethodDelete, Path: apitest.UsersPath + apitest.ClaimOf(ada, "sub") + "/sessions"},
		{Method: http.MethodDelete, Path: apitest.UsersPath + apitest.ClaimOf(ada, "sub") + "/throttle"},
	} {
		send(r.As(root))
	}
	for _, r := range []apitest.Request{apitest.Get(apitest.MePath), apitest.Get("/nothing"), apitest.Login(credentials(wrong))} { // in the log and the audit log
		send(r.With("X-Request-ID", next.Tokens.RefreshToken))
	}
	for _, path := range []string{apitest.MePath, "/health", "/nothing", apitest.LoginPath, "/api/docs", "/api/v1/users"} {
		send(apitest.Get(path + "?access_token=" + ada.Tokens.AccessToken + "&x=" + hidden).As(ada))
		send(apitest.Get(path + "?%zz" + hidden).As(ada))
	}
	for _, err := range []error{
		errors.New("inserting " + ada.Tokens.RefreshToken), errors.New("password=" + strings.ReplaceAll(first, " ", "_")),
		errors.New("Authorization: Bearer " + next.Tokens.AccessToken), domain.ErrUnavailable,
	} {
		broken.set(func(context.Context) error { return err })
		send(apitest.Login(strings.ReplaceAll(faultyLogin, "something longer than that", first)))
	}
	converse(t, w.Server, "GET /health?"+hidden+" HTTP/1.1\r\nAuthorization: Bearer "+ada.Tokens.AccessToken+"\r\n\r\n") // no host
	// The path is logged, and told as instance: with a secret in it, the log leaves that out.
	for _, path := range []string{apitest.UsersPath + ada.Tokens.AccessToken, "/" + ada.Tokens.RefreshToken} {
		_, _ = w.Server.Send(t, apitest.Get(path).As(ada))
	}

	servertest.CheckNone(t, w.Logs.String(), append([]string{email, stranger, strings.ReplaceAll(first, " ", "_")}, w.Secrets...))
	recorded, stored := textOf(t, w, "audit_events"), textOf(t, w, testdb.Tables(t, w.Database)...)
	servertest.CheckNone(t, recorded, append([]string{email, stranger}, w.Secrets...))
	for _, tokens := range []apiclient.TokenResponse{ada.Tokens, next.Tokens} {
		servertest.CheckNone(t, stored, []string{first, second, wrong, hidden, stranger, tokens.AccessToken, tokens.RefreshToken})
	}
	haystacks := map[string]string{w.Logs.String(): apitest.MePath, stored: email, recorded: "authn_reauthentication_fail"}
	for text, part := range haystacks { // they are the right ones
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in %s", part, text)
		}
	}
}

// privateMembers are the members of the server's keys that must stay secret.
func privateMembers(t *testing.T, keys *auth.KeySet) []string {
	t.Helper()
	file, err := keys.PrivateJWKS()
	apitest.Must(t, err)
	var members []string
	for _, found := range regexp.MustCompile(`"d": "([^"]+)"`).FindAllSubmatch(file, -1) {
		members = append(members, string(found[1]))
	}
	if len(members) != 2 {
		t.Fatalf("%d keys have a private member", len(members))
	}
	return members
}

// hashes are the ways to write the hash of a refresh token.
func hashes(t *testing.T, refreshToken string) []string {
	t.Helper()
	token, err := auth.ParseRefreshToken(refreshToken)
	apitest.Must(t, err)
	hash := token.Hash()
	return []string{hex.EncodeToString(hash[:]), base64.RawStdEncoding.EncodeToString(hash[:]), base64.RawURLEncoding.EncodeToString(hash[:])}
}
