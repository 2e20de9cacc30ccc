package apidocs_test

import (
	"fmt"
	"log"

	"example.com/plinth/kit/apidocs"
)

func ExampleFiles() {
	files, err := apidocs.Files([]byte("openapi: 3.0.3\ninfo: {title: Notes, version: 1.0.0}\npaths: {}\n"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(files[apidocs.RedocPath].ContentType)
	// Output: text/html; charset=utf-8
}
