package keyfile

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/plinth/gen/apiclient"
	"example.com/plinth/internal/app"
	"example.com/plinth/internal/config"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/auth"
)

func runKeys(t *testing.T, args ...string) result {
	t.Helper()
	return runWith(t, strings.NewReader(""), append([]string{"keys"}, args...)...)
}

func keySet(t *testing.T, path string) *auth.KeySet {
	t.Helper()
	content, err := os.ReadFile(path)
	must(t, err)
	set, err := auth.ParseKeySet(content)
	must(t, err)
	return set
}

func TestKeysGenerate(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []string{"", auth.AlgorithmEdDSA, auth.AlgorithmES256, auth.AlgorithmRS256} {
		t.Run(algorithm, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "keys.json")
			args, want := []string{"generate", path}, auth.AlgorithmEdDSA
			if algorithm != "" {
				args, want = []string{"generate", "--algorithm", algorithm, path}, algorithm
			}
			got := runKeys(t, args...)
			got.want(t, 0, path+": "+want+"\n  active   ", "\n  standby  ", "JWT_ALGORITHM="+want, "restart every replica")
			set := keySet(t, path)
			if set.Algorithm() != want || len(set.Keys()) != 2 || !strings.Contains(got.stdout, "active   "+set.ActiveKeyID()) {
				t.Errorf("%s holds %+v; said was %s", path, set.Keys(), got.stdout)
			}
			checkFiles(t, path, 0o600)
		})
	}
}

// checkFiles wants a key file with these permissions, and nothing beside it.
func checkFiles(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	must(t, err)
	info, err := os.Stat(path)
	must(t, err)
	if len(entries) != 1 || info.Mode() != mode {
		t.Errorf("there are %v, with mode %s", entries, info.Mode())
	}
}

func TestKeysThatAreThereAreNotReplacedByMistake(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keys.json")
	runKeys(t, "generate", path).want(t, 0)
	before := keySet(t, path).ActiveKeyID()
	runKeys(t, "generate", path).want(t, 1, "is there already")
	runKeys(t, "generate", "--algorithm", "HS256", "--force", path).want(t, 1, `no keys for algorithm "HS256"`)
	if keySet(t, path).ActiveKeyID() != before {
		t.Error("the keys were replaced")
	}
	checkFiles(t, path, 0o600)
	runKeys(t, "generate", "--force", path).want(t, 0)
	if keySet(t, path).ActiveKeyID() == before {
		t.Error("the keys were not replaced")
	}
	checkFiles(t, path, 0o600)
}

func TestKeysRotate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keys.json")
	runKeys(t, "generate", path).want(t, 0)
	first := keySet(t, path)
	must(t, os.Chmod(path, 0o640)) //nolint:gosec // G302: as where the server is in the file's group
	runKeys(t, "rotate", path).want(t, 0, "active   "+first.Keys()[1].ID, "standby  ", "retired  "+first.ActiveKeyID()+" until ",
		"restart them one after another", "Others than its owner can read", "chmod 600")
	checkFiles(t, path, 0o640)
	second := keySet(t, path)
	if left := time.Until(second.Keys()[2].Expires); left < defaultOverlap-time.Hour || left > defaultOverlap {
		t.Errorf("the retired key goes on for %s", left)
	}
	got := runKeys(t, "rotate", "--overlap", "0", path)
	got.want(t, 0, "active   "+second.Keys()[1].ID, "refuses the tokens")
	if strings.Contains(got.stdout, "retired  "+second.ActiveKeyID()) || !strings.Contains(got.stdout, "retired  "+first.ActiveKeyID()) {
		t.Errorf("of the last key and the one before, the wrong one was dropped: %s", got.stdout)
	}
	runKeys(t, "list", path).want(t, 0, "active   "+second.Keys()[1].ID)
}

// A link to the file, such as configuration tools make, is still one afterwards.
func TestKeysRotateBehindALink(t *testing.T) {
	t.Parallel()
	path, link := filepath.Join(t.TempDir(), "keys.json"), filepath.Join(t.TempDir(), "link.json")
	runKeys(t, "generate", path).want(t, 0)
	must(t, os.Symlink(path, link))
	runKeys(t, "rotate", link).want(t, 0)
	if target, err := os.Readlink(link); err != nil || target != path || len(keySet(t, path).Keys()) != 3 {
		t.Errorf("the link leads to %s (%v), which holds %+v", target, err, keySet(t, path).Keys())
	}
}

func TestKeysOfFilesThatAreNone(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	broken := filepath.Join(folder, "broken.json")
	must(t, os.WriteFile(broken, []byte(`{"keys":[{"d":"canary"}]}`), 0o600))
	for _, args := range [][]string{{"rotate", broken}, {"list", broken}, {"rotate", "--overlap", "-1h", broken}} {
		got := runKeys(t, args...)
		got.want(t, 1, "broken.json")
		if strings.Contains(got.stderr, "canary") {
			t.Errorf("it tells of the content: %s", got.stderr)
		}
	}
	for _, args := range [][]string{{"rotate"}, {"list"}, {"generate"}} {
		runKeys(t, append(args, filepath.Join(folder, "nowhere", "keys.json"))...).want(t, 1, "no such file or directory")
	}
	runKeys(t, "generate", "--force", folder).want(t, 1)
	if content, err := os.ReadFile(broken); err != nil || !strings.Contains(string(content), "canary") {
		t.Errorf("the broken file is %s now (%v)", content, err)
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 1 {
		t.Errorf("left are %v (%v)", entries, err)
	}
}

// replica is a server as it runs, with the keys that the file held when it started.
type replica struct {
	t   *testing.T
	url string
}

func startReplica(t *testing.T, databaseURL, keys string) replica {
	t.Helper()
	cfg, err := config.LoadFrom(map[string]string{
		"ENVIRONMENT": "development", "PORT": "0", "DATABASE_URL": databaseURL, "JWT_ALGORITHM": "EdDSA", "JWT_KEYS_FILE": keys,
		"PASSWORD_HASH_MEMORY_KIB": "64", "PASSWORD_HASH_ITERATIONS": "1", "DATABASE_POOL_SIZE": "1", "DATABASE_MAX_OVERFLOW": "3",
	}, config.Options{})
	must(t, err)
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	listening, stopped := make(chan string, 1), make(chan error, 1)
	go func() {
		stopped <- app.Run(ctx, cfg, app.Options{Log: t.Output(), OnListening: func(addr net.Addr) { listening <- addr.String() }})
	}()
	t.Cleanup(func() {
		stop()
		must(t, <-stopped)
	})
	return replica{t, "http://" + <-listening}
}

func (r replica) client(accessToken string) *apiclient.ClientWithResponses {
	r.t.Helper()
	client, err := apiclient.NewClientWithResponses(r.url, apiclient.WithRequestEditorFn(func(_ context.Context, request *http.Request) error {
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
	response, err := r.client("").LoginUserWithResponse(r.t.Context(), apiclient.LoginUserRequest{Email: email, Password: pgtest.Password})
	must(r.t, err)
	if response.JSON200 == nil {
		r.t.Fatalf("logging in: %s", response.Body)
	}
	return *response.JSON200
}

// wantAnswer sends an access token to a replica.
func (r replica) wantAnswer(what string, tokens apiclient.TokenResponse, status int) {
	r.t.Helper()
	response, err := r.client(tokens.AccessToken).GetCurrentUserWithResponse(r.t.Context())
	must(r.t, err)
	if response.StatusCode() != status {
		r.t.Errorf("%s: %d, want %d", what, response.StatusCode(), status)
	}
}

// A roll-out: for a while, replicas with the keys from before and after a rotation answer side by
// side.
func TestARotationEndsNoSession(t *testing.T) {
	t.Parallel()
	databaseURL, path := pgtest.URL(t), filepath.Join(t.TempDir(), "keys.json")
	ada := pgtest.User(t, pgtest.NewStore(t, databaseURL, pgstore.Options{}), pgtest.UserOpts{}).Email
	runKeys(t, "generate", path).want(t, 0)
	before := startReplica(t, databaseURL, path)
	runKeys(t, "rotate", path).want(t, 0)
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

// After a leak the key goes at once, and with it the tokens that it signed; a session lives on.
func TestAnEmergencyRotationEndsTokensAtOnce(t *testing.T) {
	t.Parallel()
	databaseURL, path := pgtest.URL(t), filepath.Join(t.TempDir(), "keys.json")
	ada := pgtest.User(t, pgtest.NewStore(t, databaseURL, pgstore.Options{}), pgtest.UserOpts{}).Email
	runKeys(t, "generate", path).want(t, 0)
	before := startReplica(t, databaseURL, path)
	runKeys(t, "rotate", "--overlap", "0", path).want(t, 0)
	after := startReplica(t, databaseURL, path)

	old, fresh := before.login(ada), after.login(ada)
	after.wantAnswer("a token of the key that leaked", old, http.StatusUnauthorized)
	before.wantAnswer("the new key's token, where that is on standby", fresh, http.StatusOK)
	refreshed, err := after.client("").RefreshTokensWithResponse(t.Context(), apiclient.RefreshTokensRequest{RefreshToken: old.RefreshToken})
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
