package textsearch_test

import (
	"fmt"

	"example.com/plinth/kit/textsearch"
)

func ExamplePatterns() {
	containing, _ := textsearch.Patterns("100% ada")
	_, beginning := textsearch.Patterns("ada@example")
	fmt.Println(*containing, *beginning)
	// Output: %100\% ada% ada@example%
}
