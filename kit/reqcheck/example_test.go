package reqcheck_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"example.com/plinth/kit/internal/things"
	"example.com/plinth/kit/problem"
	"example.com/plinth/kit/reqcheck"
)

func ExampleChecker_Check() {
	limit := "{name: limit, in: query, schema: {type: integer, format: int32, maximum: 100}}"
	contract, err := things.Read(things.Contract(things.Query(limit)))
	if err != nil {
		fmt.Println(err)
		return
	}
	checker, err := reqcheck.Compile(contract)
	if err != nil {
		fmt.Println(err)
		return
	}
	w, operation := httptest.NewRecorder(), contract.Find(http.MethodGet, "/things/:id")
	r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/things/x?limit=101", http.NoBody)
	_, err = checker.Check(operation, w, r, map[string]string{"id": "x"})
	if invalid, ok := errors.AsType[*problem.Problem](err); ok {
		fmt.Println(invalid.Code, invalid.Fields[0].Name, invalid.Fields[0].Detail)
	}
	// Output: validation_failed limit Must be at most 100.
}
