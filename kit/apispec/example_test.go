package apispec_test

import (
	"fmt"
	"log"

	"example.com/plinth/kit/apispec"
)

const notes = `openapi: 3.0.3
info: {title: Notes, version: 1.0.0}
paths:
  /notes:
    get:
      operationId: listNotes
      security: []
      responses:
        "200": {description: All notes.}
`

func ExampleSamples() {
	samples, err := apispec.Samples([]byte(notes), apispec.Clients{Go: "notes", GoTypes: "apiclient", TypeScript: "@notes/client"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(samples["listNotes"][0].Source)
	// Output: curl --fail-with-body "$API/notes"
}
