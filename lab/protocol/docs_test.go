package protocol_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/plinth/api"
	"example.com/plinth/internal/apitest"
	"example.com/plinth/kit/apidocs"
)

func TestDocsAnswer(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})

	for _, path := range apidocs.Paths() {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			s := s.In(t)
			response, plain := s.Do(http.MethodGet, path, identity(), "")
			apitest.Want(t, "status", response.StatusCode, http.StatusOK, nil)
			if plain == "" {
				t.Error("the body is empty")
			}
			for name, value := range map[string]string{
				"X-Content-Type-Options": "nosniff",
				"Referrer-Policy":        "no-referrer",
				"Cache-Control":          "no-cache",
				"Content-Encoding":       "",
			} {
				apitest.Want(t, name, response.Header.Get(name), value, nil)
			}
			checkDocsPolicy(t, path, response.Header)

			head, body := s.Do(http.MethodHead, path, identity(), "")
			apitest.Want(t, "status of HEAD", head.StatusCode, http.StatusOK, nil)
			apitest.Want(t, "body of HEAD", body, "", nil)
			for _, name := range []string{"Content-Type", "Content-Length", "ETag", "Content-Security-Policy"} {
				apitest.Want(t, name+" of HEAD", head.Header.Get(name), response.Header.Get(name), nil)
			}

			zipped, compressed := s.Do(http.MethodGet, path, http.Header{"Accept-Encoding": {"br, gzip;q=0.5"}}, "")
			apitest.Want(t, "Content-Encoding", zipped.Header.Get("Content-Encoding"), "gzip", nil)
			apitest.Want(t, "what was compressed", gunzip(t, compressed) == plain, true, nil)

			for _, given := range []*http.Response{response, zipped} {
				header := http.Header{
					"Accept-Encoding": given.Request.Header["Accept-Encoding"],
					"If-None-Match":   {`"other", ` + given.Header.Get("ETag")},
				}
				again, body := s.Do(http.MethodGet, path, header, "")
				apitest.Want(t, "status of the unchanged", again.StatusCode, http.StatusNotModified, nil)
				apitest.Want(t, "body of the unchanged", body, "", nil)
				apitest.Want(t, "Vary", strings.Join(again.Header.Values("Vary"), ", "), "Accept-Encoding", nil)
			}
			if response.Header.Get("ETag") == zipped.Header.Get("ETag") {
				t.Error("two encodings share an ETag")
			}
		})
	}
}

func TestDocsHaveNoOtherPaths(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	off := apitest.NewServer(t, apitest.Options{Settings: map[string]string{"DOCS_ENABLED": "false"}})

	for path, status := range map[string]int{
		"/api/docs/":                    http.StatusNotFound,
		"/api/redoc/":                   http.StatusNotFound,
		"/api/docs/assets":              http.StatusNotFound,
		"/api/docs/assets/swagger.html": http.StatusNotFound,
		"/api/docs/assets/../embed.go":  http.StatusNotFound,
	} {
		response, body := s.Do(http.MethodGet, path, nil, "")
		apitest.Want(t, "status of "+path, response.StatusCode, status, []byte(body))
	}
	response, body := s.Do(http.MethodPost, apidocs.SwaggerPath, apitest.JSONHeader(), "{}")
	apitest.Want(t, "status of POST", response.StatusCode, http.StatusMethodNotAllowed, []byte(body))

	for _, path := range apidocs.Paths() {
		response, body := off.Do(http.MethodGet, path, nil, "")
		apitest.Want(t, "status of "+path+", switched off", response.StatusCode, http.StatusNotFound, []byte(body))
	}
}

func TestDocsPagesLoadOnlyThisHost(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})

	for _, path := range []string{apidocs.SwaggerPath, apidocs.RedocPath} {
		_, page := s.Do(http.MethodGet, path, identity(), "")
		for _, inline := range []string{`<script>`, `<style`, ` style=`, ` onclick=`, ` onload=`, `javascript:`} {
			if strings.Contains(page, inline) {
				t.Errorf("%s has %s in the page", path, inline)
			}
		}
		addresses := regexp.MustCompile(`\b(?:href|src|action)="([^"]*)"`).FindAllStringSubmatch(page, -1)
		if len(addresses) < 8 {
			t.Errorf("%s: found only %q", path, addresses)
		}
		for _, match := range addresses {
			checkDocsAddress(t, s, path, match[1])
		}
	}
}

func TestDocsAreNamedAfterTheContract(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})

	_, contract := s.Do(http.MethodGet, apidocs.OpenAPIJSONPath, identity(), "")
	var head struct {
		Info struct {
			Title   string `json:"title"`
			Version string `json:"version"`
		} `json:"info"`
	}
	apitest.Must(t, json.Unmarshal([]byte(contract), &head))
	published, err := api.Published()
	apitest.Must(t, err)
	_, source := s.Do(http.MethodGet, apidocs.OpenAPIYAMLPath, identity(), "")
	apitest.Want(t, "the contract as published", source == string(published), true, nil)

	for _, path := range []string{apidocs.SwaggerPath, apidocs.RedocPath} {
		_, page := s.Do(http.MethodGet, path, identity(), "")
		for _, text := range []string{"<title>" + head.Info.Title, ">" + head.Info.Version + "<"} {
			if !strings.Contains(page, text) {
				t.Errorf("%s lacks %s", path, text)
			}
		}
	}
}

func TestDocsAssetsAreKeptByTheirDigest(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})

	path := "/api/docs/assets/docs.css"
	response, _ := s.Do(http.MethodGet, path, identity(), "")
	digest := strings.Trim(response.Header.Get("ETag"), `"`)
	for query, wanted := range map[string]string{
		"?v=" + digest: "public, max-age=31536000, immutable",
		"?v=0123":      "no-cache", // of another release
		"?v=":          "no-cache",
	} {
		response, body := s.Do(http.MethodGet, path+query, identity(), "")
		apitest.Want(t, "status", response.StatusCode, http.StatusOK, []byte(body))
		apitest.Want(t, "Cache-Control of "+query, response.Header.Get("Cache-Control"), wanted, nil)
	}
}

func TestDocsAreCompressedIfAccepted(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})

	for accepted, wanted := range map[string]string{
		"gzip":              "gzip",
		"GZIP":              "gzip",
		"br;q=1.0,gzip;q=1": "gzip",
		"gzip;q=0.001":      "gzip",
		"*":                 "gzip",
		"x-gzip":            "gzip",
		"*;q=0.5, br":       "gzip",
		"gzip;q=0":          "",
		"gzip;q=0, *":       "",
		"gzip;q=2":          "",
		"gzip;q=x":          "",

		"gzip;q=0.5, identity":     "",
		"gzip, identity;q=0.5":     "gzip",
		"gzip;q=0.5, identity;q=0": "gzip",

		"gzip; q=0.000": "",
		"identity":      "",
		"x-gzip-not":    "",
		"br":            "",
		";;,=":          "",
	} {
		response, _ := s.Do(http.MethodGet, apidocs.RedocPath, http.Header{"Accept-Encoding": {accepted}}, "")
		apitest.Want(t, "Content-Encoding for "+accepted, response.Header.Get("Content-Encoding"), wanted, nil)
	}
}

// TestDocsIgnoreRanges shows that pages ignore ranges and preconditions that would return a part, or a
// refusal without a problem document.
func TestDocsIgnoreRanges(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	_, whole := s.Do(http.MethodGet, apidocs.SwaggerPath, identity(), "")
	for _, header := range []http.Header{
		{"Range": {"bytes=0-1"}},
		{"Range": {"bytes=0-1,3-4"}},
		{"Range": {"bytes=999999999-"}},
		{"Range": {"bytes=5-1"}},
		{"Range": {"nonsense"}},
		{"Range": {"bytes=0-1"}, "If-Range": {`"x"`}},
		{"If-Match": {`"x"`}},
		{"If-Match": {"nonsense"}},
		{"If-Unmodified-Since": {"Mon, 01 Jan 1990 00:00:00 GMT"}},
	} {
		header["Accept-Encoding"] = identity()["Accept-Encoding"]
		response, body := s.Do(http.MethodGet, apidocs.SwaggerPath, header, "")
		apitest.Want(t, "status", response.StatusCode, http.StatusOK, []byte(body))
		apitest.Want(t, "Accept-Ranges", response.Header.Get("Accept-Ranges"), "none", nil)
		apitest.Want(t, "the body is whole", body == whole, true, nil)
	}
}

// checkDocsPolicy holds the Content-Security-Policy against what the path may do.
func checkDocsPolicy(t *testing.T, path string, header http.Header) {
	t.Helper()
	wanted := map[string]string{
		"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'",
	}
	if path == apidocs.SwaggerPath || path == apidocs.RedocPath {
		wanted["script-src"] = "'self'"
		wanted["style-src"] = "'self'"
		wanted["img-src"] = "'self' data:"
		wanted["connect-src"] = "'self'"
	}
	if path == apidocs.RedocPath {
		wanted["worker-src"] = "blob:"
	}
	policies := header.Values("Content-Security-Policy")
	apitest.Want(t, "the number of policies", len(policies), 1, nil)
	hash := regexp.MustCompile(` 'sha256-[A-Za-z0-9+/]{43}='`)
	for directive := range strings.SplitSeq(policies[0], ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(directive), " ")
		if path == apidocs.RedocPath && name == "style-src" { // the styles that it brings along
			value = hash.ReplaceAllString(value, "")
		}
		apitest.Want(t, "policy "+name, value, wanted[name], []byte(policies[0]))
		delete(wanted, name)
	}
	if len(wanted) > 0 {
		t.Errorf("the policy lacks %v", wanted)
	}
}

// checkDocsAddress wants an address of a page to be relative, of this documentation, and to answer.
func checkDocsAddress(t *testing.T, s *apitest.Server, page, address string) {
	t.Helper()
	relative, err := url.Parse(address)
	apitest.Must(t, err)
	if relative.IsAbs() || strings.HasPrefix(address, "/") {
		t.Errorf("%s has %s, which a prefix of a proxy would break", page, address)
	}
	parsed := (&url.URL{Path: page}).ResolveReference(relative)
	address = parsed.String()
	if !slices.Contains(apidocs.Paths(), parsed.Path) {
		t.Errorf("%s is not of this documentation", address)
		return
	}
	response, body := s.Do(http.MethodGet, address, nil, "")
	apitest.Want(t, "status of "+address, response.StatusCode, http.StatusOK, []byte(body))
	if parsed.RawQuery != "" && !strings.Contains(response.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("%s is not kept: %s", address, response.Header.Get("Cache-Control"))
	}
}

// identity keeps the transport from asking for compression by itself.
func identity() http.Header { return http.Header{"Accept-Encoding": {"identity"}} }

func gunzip(t *testing.T, compressed string) string {
	t.Helper()
	reader, err := gzip.NewReader(strings.NewReader(compressed))
	apitest.Must(t, err)
	content, err := io.ReadAll(reader)
	apitest.Must(t, err)
	return string(content)
}
