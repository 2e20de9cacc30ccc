package protocol_test

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/plinth/gen/api"
	"example.com/plinth/gen/apiclient"
	"example.com/plinth/internal/apitest"
	"example.com/plinth/internal/pgtest"
)

func TestLargeListsAreCompressed(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	admin := s.RegisterAdmin()
	for range 10 {
		pgtest.User(t, s.Store, pgtest.UserOpts{})
	}
	ask := func(method, path, accepted string) (*http.Response, string) {
		return s.Do(method, path, http.Header{
			"Authorization": {"Bearer " + admin.Tokens.AccessToken}, "Accept-Encoding": {accepted},
		}, "")
	}
	_, plain := ask(http.MethodGet, "/api/v1/users", "identity")
	for accepted, wanted := range map[string]string{
		"gzip": "gzip", "br, GZIP;q=0.5": "gzip", "*": "gzip", "gzip, deflate, br, zstd": "gzip",
		"gzip;q=0": "", "*;q=0": "", "identity": "", "gzip;q=0.5, identity": "", "gzip;q=0, *": "", "br": "", "": "",
	} {
		response, body := ask(http.MethodGet, "/api/v1/users", accepted)
		apitest.Want(t, "Content-Encoding for "+accepted, response.Header.Get("Content-Encoding"), wanted, nil)
		apitest.Want(t, "Vary for "+accepted, response.Header.Get("Vary"), "Accept-Encoding", nil)
		if wanted == "gzip" {
			size := len(body)
			body = unzipped(t, body)
			apitest.Want(t, "smaller", size < len(body)/2, true, nil)
		}
		apitest.Want(t, "body for "+accepted, body, plain, nil)
	}

	head, body := ask(http.MethodHead, "/api/v1/users", "gzip")
	apitest.Want(t, "Content-Encoding of HEAD", head.Header.Get("Content-Encoding"), "gzip", nil)
	apitest.Want(t, "body of HEAD", body, "", nil)

	// Go's client asks for gzip by itself, and decodes it.
	list, err := admin.ListUsersWithResponse(t.Context(), &apiclient.ListUsersParams{})
	apitest.Must(t, err)
	apitest.Want(t, "decoded by the client", string(list.Body), plain, nil)
	apitest.Want(t, "users", len(list.JSON200.Items), 11, list.Body)
}

func TestOtherResponsesAreNotCompressed(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	ada := s.RegisterAdmin()
	long := strings.Repeat("ä", 200)
	var unknown strings.Builder
	for i := range 20 {
		fmt.Fprintf(&unknown, "x%d=1&", i)
	}
	bearer := "Bearer " + ada.Tokens.AccessToken
	for name, test := range map[string]struct {
		method, path, token, body string
		status                    int
		vary                      string
	}{
		"a small list": {http.MethodGet, "/api/v1/users/me/sessions", bearer, "", 200, "Accept-Encoding"},
		"a problem":    {http.MethodGet, "/api/v1/users?" + unknown.String(), bearer, "", 422, "Accept-Encoding"},
		"a stranger":   {http.MethodGet, "/api/v1/users", "", "", 401, "Accept-Encoding"},
		"an ETag":      {http.MethodGet, "/api/v1/users/me", bearer, "", 200, ""},
		"a change":     {http.MethodPatch, "/api/v1/users/me", bearer, `{"name":"` + long + `"}`, 200, ""},
		"tokens": {
			http.MethodPost, "/api/v1/auth/login", "", `{"email":"` + ada.Email + `","password":"` + apitest.Password + `"}`, 200, "",
		},
	} {
		header := apitest.JSONHeader()
		header.Set("Accept-Encoding", "gzip")
		if test.token != "" {
			header.Set("Authorization", test.token)
		}
		response, body := s.Do(test.method, test.path, header, test.body)
		apitest.Want(t, "status of "+name, response.StatusCode, test.status, []byte(body))
		apitest.Want(t, "Content-Encoding of "+name, response.Header.Get("Content-Encoding"), "", nil)
		apitest.Want(t, "Vary of "+name, response.Header.Get("Vary"), test.vary, nil)
		if name == "a problem" {
			apitest.Want(t, "large", len(body) > 1<<10, true, []byte(body))
		}
		apitest.Want(t, "JSON of "+name, json.Valid([]byte(body)), true, []byte(body))
	}
}

// Compression of secrets together with what a client chose reveals them by its length (BREACH).
func TestCompressibleResponsesHaveNoSecrets(t *testing.T) {
	t.Parallel()
	spec, err := api.GetSpec()
	apitest.Must(t, err)
	secret := regexp.MustCompile(`(?i)token|secret|password|code`)
	for path, item := range spec.Paths.Map() {
		if item.Get == nil {
			continue
		}
		for mediaType, media := range item.Get.Responses.Status(http.StatusOK).Value.Content {
			_ = media.Schema.WalkSubtree(func(at string, ref *openapi3.SchemaRef) error {
				for name := range ref.Value.Properties {
					if secret.MatchString(name) {
						t.Errorf("GET %s, %s: %s/%s may be a secret", path, mediaType, at, name)
					}
				}
				return nil
			})
		}
	}
}

func unzipped(t *testing.T, body string) string {
	t.Helper()
	reader, err := gzip.NewReader(strings.NewReader(body))
	apitest.Must(t, err)
	plain, err := io.ReadAll(reader)
	apitest.Must(t, err)
	return string(plain)
}
