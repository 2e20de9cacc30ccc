package emailaddr_test

import (
	"fmt"

	"example.com/plinth/kit/emailaddr"
)

func Example() {
	fmt.Println(emailaddr.Valid("ada@example.com"), emailaddr.Valid("\u212Aate@example.com"))
	fmt.Println(emailaddr.Fold("Ada@Example.com"))
	// Output:
	// true false
	// ada@example.com
}
