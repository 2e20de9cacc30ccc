package httpapi_test

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
	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/auth"
)

// TestSecretsStaySecret sends recognisable secrets wherever a caller can put them, has everything happen to them, and
// looks for them in all that was logged, answered and stored.
func TestSecretsStaySecret(t *testing.T) {
	t.Parallel()
	broken := &fault{}
	keys, err := auth.GenerateKeySet(auth.AlgorithmEdDSA)
	must(t, err)
	settings := signedBy(t, keys)
	settings["REFRESH_GRACE_SECONDS"] = "0"
	w := &world{server: newServer(t, options{settings: settings, store: broken.in})}
	w.db = w.openDatabase()
	const first, second, wrong, hidden = "zanzibar the first", "zanzibar the second", "zanzibar the wrong", "zanzibar-hidden"
	const stranger = "zanzibar@stranger.example"
	w.secrets = append(privateMembers(t, keys), first, second, wrong, hidden)
	send := func(r request) []byte { // which looks into the answer
		_, body := w.send(t, r.with("Cookie", "session="+hidden).with("Referer", "https://example.com/?"+hidden))
		return body
	}
	// keep takes the tokens out of an answer: from here on they are secrets.
	keep := func(body []byte) (a account) {
		must(t, json.Unmarshal(body, &a.tokens))
		w.secrets = append(w.secrets, a.tokens.AccessToken, a.tokens.RefreshToken)
		w.secrets = append(w.secrets, hashes(t, a.tokens.RefreshToken)...)
		return a
	}

	email := newEmail()
	credentials := func(password string) string { return fmt.Sprintf(`{"email":%q,"password":%q}`, email, password) }
	token := func(text string) string { return fmt.Sprintf(`{"refresh_token":%q}`, text) }
	ada := keep(send(register(credentials(first))))
	hash := w.user(account{email: email}).PasswordHash
	w.secrets = append(w.secrets, hash, hash[strings.LastIndex(hash, "$")+1:])
	for _, r := range []request{
		register(credentials(first)),                                    // taken
		register(fmt.Sprintf(`{"email":"x","password":%q}`, first)),     // invalid
		register(fmt.Sprintf(`{"email":"x","password":%q,}`, first)),    // malformed
		register(fmt.Sprintf(`{"email":%q,"password":[%[1]q]}`, first)), // of the wrong type
		login(credentials(wrong)),
		login(credentials(wrong)).typed("text/" + hidden),
		change(ada, fmt.Sprintf(`{"name":%q,"email":%[1]q}`, wrong)),
		login(fmt.Sprintf(`{"email":%q,"password":%q}`, stranger, wrong)),
		change(ada, fmt.Sprintf(`{"password":%q,"current_password":%q}`, second, wrong)),
		change(ada, fmt.Sprintf(`{"email":%q,"current_password":%q}`, stranger, wrong)),
		post(mePath+"/deletion", fmt.Sprintf(`{"current_password":%q}`, wrong)).as(ada),
		get(mePath + "/sessions").as(ada),
		get("/.well-known/jwks.json"),
	} {
		send(r)
	}
	keep(send(login(credentials(first))))
	send(change(ada, fmt.Sprintf(`{"password":%q,"current_password":%q}`, second, first)))
	next := keep(send(refresh(token(ada.tokens.RefreshToken))))
	for _, text := range []string{next.tokens.AccessToken, ada.tokens.RefreshToken, next.tokens.RefreshToken, wrong} {
		send(refresh(token(text)))
	}
	ended := keep(send(login(credentials(second))))
	send(post("/api/v1/auth/logout", token(ended.tokens.RefreshToken)))
	send(post("/api/v1/auth/logout", token(wrong)))
	root := w.registerAdmin()
	for _, r := range []request{
		get("/api/v1/users?search=" + url.QueryEscape(hidden)), get("/api/v1/users"), get("/api/v1/audit-events"),
		{method: http.MethodDelete, path: usersPath + claimOf(ada, "sub") + "/sessions"},
		{method: http.MethodDelete, path: usersPath + claimOf(ada, "sub") + "/throttle"},
	} {
		send(r.as(root))
	}
	for _, r := range []request{get(mePath), get("/nothing"), login(credentials(wrong))} { // in the log and the audit log
		send(r.with("X-Request-ID", next.tokens.RefreshToken))
	}
	for _, path := range []string{mePath, "/health", "/nothing", loginPath, "/api/docs", "/api/v1/users"} {
		send(get(path + "?access_token=" + ada.tokens.AccessToken + "&x=" + hidden).as(ada))
		send(get(path + "?%zz" + hidden).as(ada))
	}
	for _, err := range []error{
		errors.New("inserting " + ada.tokens.RefreshToken), errors.New("password=" + strings.ReplaceAll(first, " ", "_")),
		errors.New("Authorization: Bearer " + next.tokens.AccessToken), domain.ErrUnavailable,
	} {
		broken.set(func(context.Context) error { return err })
		send(login(strings.ReplaceAll(faultyLogin, "something longer than that", first)))
	}
	converse(t, w.server, "GET /health?"+hidden+" HTTP/1.1\r\nAuthorization: Bearer "+ada.tokens.AccessToken+"\r\n\r\n") // no host
	// The path is logged, and told as instance: with a secret in it, the log leaves that out.
	for _, path := range []string{usersPath + ada.tokens.AccessToken, "/" + ada.tokens.RefreshToken} {
		_, _ = w.server.send(t, get(path).as(ada))
	}

	checkNoSecrets(t, w.logs.String(), append([]string{email, stranger, strings.ReplaceAll(first, " ", "_")}, w.secrets...))
	recorded, stored := w.text(t, "audit_events"), w.text(t, tables(t, w.db)...)
	checkNoSecrets(t, recorded, append([]string{email, stranger}, w.secrets...))
	for _, tokens := range []apiclient.TokenResponse{ada.tokens, next.tokens} {
		checkNoSecrets(t, stored, []string{first, second, wrong, hidden, stranger, tokens.AccessToken, tokens.RefreshToken})
	}
	haystacks := map[string]string{w.logs.String(): mePath, stored: email, recorded: "authn_reauthentication_fail"}
	for text, part := range haystacks { // they are the right ones
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in %s", part, text)
		}
	}
}

// change is a change of an account by its owner.
func change(a account, body string) request {
	r := post(mePath, body).as(a)
	r.method = "PATCH"
	return r
}

// text is all that tables hold.
func (w *world) text(t *testing.T, tables ...string) string {
	t.Helper()
	var all strings.Builder
	for _, table := range tables {
		var rows string
		query := `SELECT coalesce(string_agg(rows::text, ' '), '') FROM ` + table + ` AS rows`
		must(t, w.db.QueryRowContext(t.Context(), query).Scan(&rows))
		all.WriteString(rows)
	}
	return all.String()
}

// privateMembers are what nobody but the server may know of its keys.
func privateMembers(t *testing.T, keys *auth.KeySet) []string {
	t.Helper()
	file, err := keys.PrivateJWKS()
	must(t, err)
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
	must(t, err)
	hash := token.Hash()
	return []string{hex.EncodeToString(hash[:]), base64.RawStdEncoding.EncodeToString(hash[:]), base64.RawURLEncoding.EncodeToString(hash[:])}
}
