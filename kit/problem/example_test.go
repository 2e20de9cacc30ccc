package problem_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"example.com/plinth/kit/problem"
)

func Example() {
	table := problem.Table{"email_taken": {Status: http.StatusConflict, Title: "E-mail taken"}}
	failure := &problem.Problem{Code: "email_taken", Detail: "Another account has this e-mail."}

	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/users", http.NoBody)
	if err := table.Write(w, r, failure, "request-1"); err != nil {
		fmt.Println(err)
	}
	fmt.Println(w.Code, w.Header().Get("Content-Type"))
	fmt.Println(w.Body)
	// Output:
	// 409 application/problem+json
	// {"code":"email_taken","detail":"Another account has this e-mail.","instance":"/users","request_id":"request-1","status":409,"title":"E-mail taken","type":"urn:problem-type:email_taken"}
}
