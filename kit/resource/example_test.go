package resource_test

import (
	"fmt"

	"example.com/plinth/kit/resource"
)

func ExampleSpec_Parse() {
	_, err := resource.Spec{Name: "note", Fields: "title:string:1-200 done:bool=maybe"}.Parse()
	fmt.Println(err)
	// Output:
	// FIELDS: title:string:1-200: "1-200" is no range: write the bounds as 1..200, such as title:string:1..200, or unique
	// FIELDS: done:bool=maybe: the default "maybe": must be one of true, false
}
