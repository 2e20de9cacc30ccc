package rules_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/plinth/gen/apiclient"
	"example.com/plinth/internal/app"
	"example.com/plinth/internal/config"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/keyfile"
)

func runKeys(t *testing.T, args ...string) {
	t.Helper()
	must(t, keyfile.Run(args, t.Output(), time.Now))
}

// replica is a running server, with the keys of the file at its start.
type replica struct {
	t   *testing.T
	url string
}

func startReplica(t *testing.T, databaseURL, keys string) replica {
	t.Helper()
	cfg, err := config.LoadFrom(map[string]string{
		"ENVIRONMENT": "development", "PORT": "0", "DATABASE_URL": databaseURL, "JWT_ALGORITHM": "EdDSA",
		"JWT_KEYS_FILE":            keys,
		"PASSWORD_HASH_MEMORY_KIB": "64", "PASSWORD_HASH_ITERATIONS": "1", "DATABASE_POOL_SIZE": "1",
		"DATABASE_MAX_OVERFLOW": "3",
	}, config.Options{})
	must(t, err)
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	listening, stopped := make(chan string, 1), make(chan error, 1)
	go func() {
		stopped <- app.Run(ctx, cfg, app.Options{
			Log:         t.Output(),
			OnListening: func(addr net.Addr) { listening <- addr.String() },
		})
	}()
	t.Cleanup(func() {
		stop()
		must(t, <-stopped)
	})
	return replica{t, "http://" + <-listening}
}

func (r replica) client(accessToken string) *apiclient.ClientWithResponses {
	r.t.Helper()
	client, err := apiclient.NewClientWithResponses(r.url,
		apiclient.WithRequestEditorFn(func(_ context.Context, request *http.Request) error {
			if accessToken != "" {
				request.Header.Set("Authorization", "Bearer "+accessToken)
			}
			return nil
		}))
	must(r.t, err)
	return client
}

func (r replica) login(email string) apiclient.TokenResponse {
	r.t.Helper()
	response, err := r.client("").LoginUserWithResponse(r.t.Context(),
		apiclient.LoginUserRequest{Email: email, Password: pgtest.Password})
	must(r.t, err)
	if response.JSON200 == nil {
		r.t.Fatalf("logging in: %s", response.Body)
	}
	return *response.JSON200
}

// wantAnswer sends an access token to a replica and checks the status.
func (r replica) wantAnswer(what string, tokens apiclient.TokenResponse, status int) {
	r.t.Helper()
	response, err := r.client(tokens.AccessToken).GetCurrentUserWithResponse(r.t.Context())
	must(r.t, err)
	if response.StatusCode() != status {
		r.t.Errorf("%s: %d, want %d", what, response.StatusCode(), status)
	}
}

// During a roll-out, replicas run with the keys before and after a rotation.
func TestRotationEndsNoSession(t *testing.T) {
	t.Parallel()
	databaseURL, path := pgtest.URL(t), filepath.Join(t.TempDir(), "keys.json")
	ada := pgtest.User(t, pgtest.NewStore(t, databaseURL, pgstore.Options{}), pgtest.UserOpts{}).Email
	runKeys(t, "generate", path)
	before := startReplica(t, databaseURL, path)
	runKeys(t, "rotate", path)
	after := startReplica(t, databaseURL, path)

	old, fresh := before.login(ada), after.login(ada)
	before.wantAnswer("the new key's token, where it is on standby", fresh, http.StatusOK)
	after.wantAnswer("the old key's token, where it is retired", old, http.StatusOK)
	before.wantAnswer("its own token", old, http.StatusOK)
	after.wantAnswer("its own token", fresh, http.StatusOK)

	for which, r := range map[string]replica{"before": before, "after": after} {
		published, err := r.client("").GetJSONWebKeySetWithResponse(t.Context())
		must(t, err)
		for _, tokens := range []apiclient.TokenResponse{old, fresh} {
			if !strings.Contains(string(published.Body), keyID(t, tokens)) {
				t.Errorf("the replica from %s does not publish a key of theirs: %s", which, published.Body)
			}
		}
	}
}

// After a leak, the key and the tokens that it signed become invalid at once; sessions stay.
func TestEmergencyRotationEndsTokensAtOnce(t *testing.T) {
	t.Parallel()
	databaseURL, path := pgtest.URL(t), filepath.Join(t.TempDir(), "keys.json")
	ada := pgtest.User(t, pgtest.NewStore(t, databaseURL, pgstore.Options{}), pgtest.UserOpts{}).Email
	runKeys(t, "generate", path)
	before := startReplica(t, databaseURL, path)
	runKeys(t, "rotate", "--overlap", "0", path)
	after := startReplica(t, databaseURL, path)

	old, fresh := before.login(ada), after.login(ada)
	after.wantAnswer("a token of the key that leaked", old, http.StatusUnauthorized)
	before.wantAnswer("the new key's token, where that is on standby", fresh, http.StatusOK)
	refreshed, err := after.client("").RefreshTokensWithResponse(t.Context(),
		apiclient.RefreshTokensRequest{RefreshToken: old.RefreshToken})
	must(t, err)
	if refreshed.JSON200 == nil {
		t.Fatalf("refreshing: %s", refreshed.Body)
	}
	after.wantAnswer("the token that the client gets for it", *refreshed.JSON200, http.StatusOK)
	published, err := after.client("").GetJSONWebKeySetWithResponse(t.Context())
	must(t, err)
	if strings.Contains(string(published.Body), keyID(t, old)) {
		t.Errorf("the key that leaked is published: %s", published.Body)
	}
}

// keyID is the kid of an access token.
func keyID(t *testing.T, tokens apiclient.TokenResponse) string {
	t.Helper()
	header, _, _ := strings.Cut(tokens.AccessToken, ".")
	raw, err := base64.RawURLEncoding.DecodeString(header)
	must(t, err)
	var fields struct {
		KeyID string `json:"kid"`
	}
	must(t, json.Unmarshal(raw, &fields))
	if fields.KeyID == "" {
		t.Fatalf("the header names no key: %s", raw)
	}
	return fields.KeyID
}
