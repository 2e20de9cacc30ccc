package apigen_test

import (
	"fmt"
	"log"

	"example.com/plinth/kit/apigen"
)

func ExampleListOperations() {
	contract := "paths: {/notes: {get: {operationId: listNotes, x-required-role: user}}}"
	page := "<!-- operations:begin -->\n<!-- operations:end -->\n"
	listed, err := apigen.ListOperations([]byte(contract), []byte(page))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(string(listed))
	// Output:
	// <!-- operations:begin -->
	// | method and path | operation | role |
	// |---|---|---|
	// | `GET /notes` | listNotes | user |
	// <!-- operations:end -->
}
