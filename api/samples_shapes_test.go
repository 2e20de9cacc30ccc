package api_test

import (
	"bytes"
	"context"
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

	"example.com/plinth/api"
	"example.com/plinth/gen/apicontract"
	"example.com/plinth/kit/apispec"
)

// shaped are contracts with all shapes that the generators take, and the packages of their clients.
func shaped(t *testing.T) map[string][]byte {
	t.Helper()
	contracts := map[string][]byte{}
	for client, file := range map[string]string{
		"shopclient": "../internal/shoptest/openapi.yaml", "shapesclient": "../kit/apispec/testdata/shapes.yaml",
	} {
		contract, err := os.ReadFile(file) // not from the package, which needs all handlers
		if err != nil {
			t.Fatal(err)
		}
		contracts[client] = contract
	}
	return contracts
}

// TestSamplesInGoCompile compiles the samples of this contract with the client that they show, and checks their form.
func TestSamplesInGoCompile(t *testing.T) {
	t.Parallel()
	samples, err := apispec.Samples(apicontract.OpenAPI, api.Clients())
	if err != nil {
		t.Fatal(err)
	}
	file := writeProgram(t, "apiclient", "*plinth.Client", "", samples)
	runIn(t, "..", "go", "vet", file)
	runIn(t, "..", "gofmt", "-d", file)
}

// TestSamplesOfAllShapesKeepTheContract runs the samples for the shell and in Go against a server that validates requests.
func TestSamplesOfAllShapesKeepTheContract(t *testing.T) {
	t.Parallel()
	for client, contract := range shaped(t) {
		t.Run(client, func(t *testing.T) {
			t.Parallel()
			samples, err := apispec.Samples(contract, apispec.Clients{Go: "plinth", GoTypes: client})
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
			file := writeProgram(t, client, "*"+client+".ClientWithResponses", server, samples)
			runIn(t, "..", "gofmt", "-d", file)
			program := filepath.Join(folder, "samples")
			runIn(t, "..", "go", "vet", file)
			runIn(t, "..", "go", "build", "-o", program, file)
			runIn(t, folder, program)
			for id := range samples {
				if !seen(id) {
					t.Errorf("the sample in Go does not call %s", id)
				}
			}
		})
	}
}

func runIn(t *testing.T, folder, program string, arguments ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), program, arguments...)
	command.Dir = folder
	if output, err := command.CombinedOutput(); err != nil || len(output) > 0 {
		t.Errorf("%s: %v\n%s", filepath.Base(program), err, output)
	}
}

// head begins a program of samples, with a use of each package that they may use.
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

	plinth "example.com/plinth/clients/go"
	%[3]q
)

var (
	_ = io.Copy
	_ = json.Unmarshal
	_ = os.Open
	_ = strings.NewReader
	_ = time.Date
	_ = uuid.MustParse
	_ = plinth.Form
	_ nullable.Nullable[string]
	_ openapi_types.Date
)

func main() {
	client, _ := %[1]s.NewClientWithResponses(%[2]q)
	os.Stdout = os.NewFile(0, os.DevNull)
	for id, sample := range samples {
		if err := sample(context.Background(), client); err != nil {
			println(id, err.Error())
		}
	}
}
`

// writeProgram writes a program that runs the samples against a server.
func writeProgram(t *testing.T, client, caller, server string, samples map[string][]apispec.CodeSample) string {
	t.Helper()
	var program strings.Builder
	fmt.Fprintf(&program, head, client, server, "example.com/plinth/gen/"+client)
	program.WriteString("\nvar samples = map[string]func(context.Context, *" + client + ".ClientWithResponses) error{\n")
	for id := range samples {
		fmt.Fprintf(&program, "\t%q: func(ctx context.Context, client *%s.ClientWithResponses) error {\n\t\treturn _%s(ctx, %s)\n\t},\n",
			id, client, id, map[bool]string{true: "client", false: "&plinth.Client{ClientWithResponses: client}"}[client != "apiclient"])
	}
	program.WriteString("}\n")
	for id, all := range samples {
		body := "\t" + strings.ReplaceAll(strings.TrimSpace(all[2].Source), "\n", "\n\t")
		fmt.Fprintf(&program, "\nfunc _%s(ctx context.Context, client %s) error {\n%s\n\treturn nil\n}\n", id, caller, body)
	}
	file := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(file, []byte(program.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// newValidator returns the address of a server that refuses what breaks a contract, and a function that reports whether an
// operation was called since it was last asked. It answers with the examples of the contract.
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

// check validates a request. What is read of a body is put back.
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

// answer sends an empty value of the first media type of the first success.
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
