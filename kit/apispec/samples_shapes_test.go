package apispec_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"example.com/plinth/kit/apispec"
)

//go:generate go run ../cmd/contract overlay testdata/shapes.yaml ../internal/gen/overlay.shapes.yaml
//go:generate go tool -modfile=../../tools/go.mod oapi-codegen -config testdata/oapi-codegen.yaml testdata/shapes.yaml

// shaped returns contracts with all shapes that the generators support, by the packages of their
// clients.
func shaped(t *testing.T) map[string][]byte {
	t.Helper()
	contracts := map[string][]byte{}
	for client, file := range map[string]string{
		"shopclient": "../internal/shop/openapi.yaml", "shapesclient": "testdata/shapes.yaml",
	} {
		contract, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		contracts[client] = contract
	}
	return contracts
}

// TestSamplesOfAllShapes runs the samples in shell and in Go against a server that validates
// requests.
func TestSamplesOfAllShapes(t *testing.T) {
	t.Parallel()
	for client, contract := range shaped(t) {
		t.Run(client, func(t *testing.T) {
			t.Parallel()
			samples, err := apispec.Samples(contract, apispec.Clients{Go: "form", GoTypes: client})
			if err != nil {
				t.Fatal(err)
			}
			server, seen := newValidator(t, contract)
			folder := t.TempDir()
			for _, name := range []string{"file.bin", "file.png", "front.png", "back.bin"} {
				if err := os.WriteFile(filepath.Join(folder, name), []byte(name), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			for id, all := range samples {
				shell := exec.CommandContext(t.Context(), "sh", "-eu", "-c", all[0].Source)
				shell.Dir, shell.Env = folder, append(os.Environ(), "API="+server, "TOKEN=x", "no_proxy=*")
				if output, err := shell.CombinedOutput(); err != nil {
					t.Errorf("%v\n%s\n%s", err, all[0].Source, output)
				}
				if !seen(id) {
					t.Errorf("this sample does not call %s:\n%s", id, all[0].Source)
				}
			}
			file := writeProgram(t, client, server, samples)
			runIn(t, ".", "gofmt", "-d", file)
			program := filepath.Join(folder, "samples")
			overlay, pkg := overlaid(t, file)
			runIn(t, ".", "go", "vet", overlay, pkg)
			runIn(t, ".", "go", "build", overlay, "-o", program, pkg)
			runIn(t, folder, program)
			for id := range samples {
				if !seen(id) {
					t.Errorf("the sample in Go does not call %s", id)
				}
			}
		})
	}
}

// overlaid returns a flag and a package for the go command: the package has the file as if it were
// in this module, where it may import internal packages.
func overlaid(t *testing.T, file string) (flag, pkg string) {
	t.Helper()
	pkg = "./testdata"
	path, err := filepath.Abs(filepath.Join(pkg, "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]map[string]string{"Replace": {path: file}})
	if err != nil {
		t.Fatal(err)
	}
	overlay := filepath.Join(t.TempDir(), "overlay.json")
	if err := os.WriteFile(overlay, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return "-overlay=" + overlay, pkg
}

func runIn(t *testing.T, folder, program string, arguments ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), program, arguments...)
	command.Dir = folder
	if output, err := command.CombinedOutput(); err != nil || len(output) > 0 {
		t.Errorf("%s: %v\n%s", filepath.Base(program), err, output)
	}
}

// head is the start of a program of samples. It uses each package that a sample may use.
const head = `package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/oapi-codegen/nullable"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"example.com/plinth/kit/apispec/testdata/form"
	%[3]q
)

var (
	_ = io.Copy
	_ = json.Unmarshal
	_ = os.Open
	_ = strings.NewReader
	_ = time.Date
	_ = uuid.MustParse
	_ = form.Form
	_ nullable.Nullable[string]
	_ openapi_types.Date
)

func main() {
	client, _ := %[1]s.NewClientWithResponses(%[2]q)
	os.Stdout = os.NewFile(0, os.DevNull)
	for _, sample := range samples {
		if err := sample.run(context.Background(), client); err != nil {
			println(sample.id, err.Error())
		}
	}
}
`

// writeProgram writes a program that runs the samples against a server.
func writeProgram(t *testing.T, client, server string, samples map[string][]apispec.CodeSample) string {
	t.Helper()
	var program strings.Builder
	fmt.Fprintf(&program, head, client, server, "example.com/plinth/kit/internal/gen/"+client)
	program.WriteString(
		"\nvar samples = []struct {\n\tid  string\n\trun func(context.Context, *" + client + ".ClientWithResponses) error\n}{\n",
	)
	for id := range samples {
		fmt.Fprintf(&program, "\t{%q, _%s},\n", id, id)
	}
	program.WriteString("}\n")
	for id, all := range samples {
		body := "\t" + strings.ReplaceAll(strings.TrimSpace(all[len(all)-1].Source), "\n", "\n\t")
		fmt.Fprintf(
			&program,
			"\nfunc _%s(ctx context.Context, client *%s.ClientWithResponses) error {\n%s\n\treturn nil\n}\n",
			id,
			client,
			body,
		)
	}
	file := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(file, []byte(program.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// newValidator returns the URL of a server that rejects invalid requests and answers others with
// empty values, and a function that reports whether an operation was called since the last call of
// the function.
func newValidator(t *testing.T, contract []byte) (url string, seen func(id string) bool) {
	t.Helper()
	spec, err := openapi3.NewLoader().LoadFromData(contract)
	if err != nil {
		t.Fatal(err)
	}
	router, err := legacy.NewRouter(spec)
	if err != nil {
		t.Fatal(err)
	}
	calls := make(chan string, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		route, status := check(router, r)
		if status != "" {
			http.Error(w, status, http.StatusUnprocessableEntity)
			return
		}
		calls <- route.Operation.OperationID
		answer(w, route.Operation)
	}))
	t.Cleanup(server.Close)
	return server.URL, func(id string) bool {
		for range len(calls) {
			call := <-calls
			if call == id {
				return true
			}
			calls <- call
		}
		return false
	}
}

// check validates a request, and leaves its body unread.
func check(router routers.Router, r *http.Request) (route *routers.Route, refusal string) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err.Error()
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	route, parameters, err := router.FindRoute(r)
	if err != nil {
		return nil, fmt.Sprintf("%s %s: %v", r.Method, r.URL, err)
	}
	err = openapi3filter.ValidateRequest(context.WithoutCancel(r.Context()), &openapi3filter.RequestValidationInput{
		Request: r, PathParams: parameters, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, MultiError: true},
	})
	if err != nil {
		return nil, fmt.Sprintf("%s %s: %v\n%s", r.Method, r.URL, err, body)
	}
	return route, ""
}

// answer responds with the first 2xx status, and an empty value if it has JSON.
func answer(w http.ResponseWriter, op *openapi3.Operation) {
	for status := http.StatusOK; status < http.StatusMultipleChoices; status++ {
		response := op.Responses.Status(status)
		if response == nil {
			continue
		}
		if response.Value.Content["application/json"] != nil {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, exampleOf(response.Value.Content["application/json"]))
			return
		}
		w.WriteHeader(status)
		return
	}
}

func exampleOf(media *openapi3.MediaType) string {
	for _, kind := range []string{"array", "integer"} {
		if media.Schema.Value.Type.Is(kind) {
			return map[string]string{"array": "[]", "integer": "1"}[kind]
		}
	}
	return "{}"
}
