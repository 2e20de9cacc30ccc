package clientkit_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"example.com/plinth/kit/clientkit"
)

func Example() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusConflict)
		_, _ = io.WriteString(w, `{"status": 409, "code": "sold_out"}`)
	}))
	defer server.Close()

	calls := clientkit.Problems(
		clientkit.Retrying(clientkit.WithoutRedirects(http.DefaultClient), 0),
		func(response *http.Response) error {
			problem, _, err := clientkit.ReadProblem[struct{ Code string }](response)
			return errors.Join(err, errors.New(problem.Code))
		})
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, server.URL, http.NoBody)
	if err != nil {
		panic(err)
	}
	_, err = calls.Do(request)
	fmt.Println(err)
	// Output: sold_out
}
