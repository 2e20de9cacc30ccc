package lab_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// aroundTheContract are tests that look at answers which nothing holds against the contract, and why they may. All others
// send through the transport of a contracttest.Contract.
var aroundTheContract = map[string]string{
	"cmd/dev/welcome_test.go":                  "runs the curl of the screen, as people do",
	"internal/app/helpers_test.go":             "the address of the metrics is not in the contract",
	"internal/app/metrics_test.go":             "likewise",
	"kit/contracttest/requests_test.go":        "tests the transport",
	"kit/contracttest/send_test.go":            "tests the transport",
	"kit/connlimit/connlimit_test.go":          "the server has no operations",
	"lab/faults/client_test.go":                "proxies answer, too, and what is counted are requests that were lost",
	"lab/faults/log_test.go":                   "likewise",
	"internal/httpapi/bench_telemetry_test.go": "measures",
	"internal/httpapi/bench_test.go":           "measures",
	"internal/httpapi/deprecation_test.go":     "the operations are made up",
	"internal/httpapi/export_test.go":          "likewise",
	"internal/httpapi/files_test.go":           "likewise",
	"internal/httpapi/harness_test.go":         "is what the transport is made of",
	"internal/httpapi/measure_test.go":         "the metrics are not in the contract",
	"internal/httpapi/stream_slots_test.go":    "the operations are made up",
	"internal/httpapi/things_test.go":          "likewise",
	"internal/httpapi/sockets_test.go":         "most answers come from net/http, before there is a request to hold them against",
	"kit/telemetry/metrics_test.go":            "the metrics are not in the contract",
}

var (
	// looksAtAnswers finds the means to do so; a line that names the transport of the contract has what it needs.
	looksAtAnswers = regexp.MustCompile(`httptest\.NewRecorder\(|http\.(?:DefaultClient|DefaultTransport|Transport\{|Client\{\}|(?:Get|Post|Head|ReadResponse)\()`)
	heldAgainst    = regexp.MustCompile(`(?m)^.*\bcontract\.NewTransport\(.*$`)
)

// TestAnswersAreHeldAgainstTheContract finds tests that forget to.
func TestAnswersAreHeldAgainstTheContract(t *testing.T) {
	t.Parallel()
	stale := map[string]bool{}
	for file := range aroundTheContract {
		stale[file] = true
	}
	for _, folder := range []string{"cmd", "clients", "internal", "kit", "lab"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path) //nolint:gosec // G122: nobody swaps our own files
			file, _ := filepath.Rel(root, path)
			file = filepath.ToSlash(file)
			switch found := looksAtAnswers.FindString(heldAgainst.ReplaceAllString(string(text), "")); {
			case found == "":
			case aroundTheContract[file] == "":
				t.Errorf("%s uses %s: send through the transport of a contracttest.Contract, or say in aroundTheContract why not", file, found)
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
		t.Errorf("%s does not look at answers any more: take it from aroundTheContract", file)
	}
}
