package lab_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// unvalidated lists tests that read responses without validating them against the contract, each
// with its reason. All others send through the transport of a contracttest.Contract. The packages
// of the kit have no operations.
var unvalidated = map[string]string{
	"internal/app/jobs_test.go":            "the metrics are not in the contract",
	"internal/app/mails_test.go":           "the mailbox of development is not in the contract",
	"lab/serving/helpers_test.go":          "the metrics are not in the contract",
	"lab/serving/metrics_test.go":          "the metrics are not in the contract",
	"lab/protocol/bench_telemetry_test.go": "measures",
	"lab/protocol/bench_test.go":           "measures",
	"lab/protocol/harness_test.go":         "sends what is not HTTP",
	"lab/protocol/measure_test.go":         "the metrics are not in the contract",
	"lab/faults/client_test.go":            "proxies respond, too, and the test counts lost requests",
	"lab/faults/log_test.go":               "proxies respond, too, and the test counts lost requests",
}

var (
	// readsResponses matches the means to read responses.
	readsResponses = regexp.MustCompile(`httptest\.NewRecorder\(|http\.(?:DefaultClient|DefaultTransport|Transport\{|Client\{\}|(?:Get|Post|Head|ReadResponse)\()`)
	// validates matches lines that use the validating transport.
	validates = regexp.MustCompile(`(?m)^.*\bcontract\.NewTransport\(.*$`)
)

func TestResponsesAreValidated(t *testing.T) {
	t.Parallel()
	stale := map[string]bool{}
	for file := range unvalidated {
		stale[file] = true
	}
	for _, folder := range []string{"cmd", "clients", "internal", "lab"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path) //nolint:gosec // G122: the files are ours
			file, _ := filepath.Rel(root, path)
			file = filepath.ToSlash(file)
			switch found := readsResponses.FindString(validates.ReplaceAllString(string(text), "")); {
			case found == "":
			case unvalidated[file] == "":
				t.Errorf("%s uses %s: send through the transport of a contracttest.Contract, or add the reason to unvalidated", file, found)
			default:
				delete(stale, file)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for file := range stale {
		t.Errorf("%s reads no responses: remove it from unvalidated", file)
	}
}
