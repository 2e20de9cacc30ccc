package api_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"example.com/plinth/api"
	"example.com/plinth/gen/apicontract"
	"example.com/plinth/kit/apispec"
)

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

	plinth "example.com/plinth/clients/go"
	"example.com/plinth/gen/apiclient"
)

var (
	_ = fmt.Println
	_ = io.Copy
	_ = json.Unmarshal
	_ = os.Open
	_ = strings.NewReader
	_ = time.Date
	_ = uuid.MustParse
	_ nullable.Nullable[string]
	_ openapi_types.Date
	_ apiclient.ClientInterface
)

func main() {}
`

// TestSamplesInGoCompile compiles the samples with the client that they show, and checks their format.
func TestSamplesInGoCompile(t *testing.T) {
	t.Parallel()
	samples, err := apispec.Samples(apicontract.OpenAPI, api.Clients())
	if err != nil {
		t.Fatal(err)
	}
	var program strings.Builder
	program.WriteString(head)
	for id, all := range samples {
		body := "\t" + strings.ReplaceAll(strings.TrimSpace(all[len(all)-1].Source), "\n", "\n\t")
		fmt.Fprintf(&program, "\nfunc _%s(ctx context.Context, client *plinth.Client) error {\n%s\n\treturn nil\n}\n",
			id, body)
	}
	file := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(file, []byte(program.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, arguments := range [][]string{{"go", "vet", file}, {"gofmt", "-d", file}} {
		command := exec.CommandContext(t.Context(), arguments[0], arguments[1:]...)
		if output, err := command.CombinedOutput(); err != nil || len(output) > 0 {
			t.Errorf("%v: %v\n%s", arguments, err, output)
		}
	}
}
