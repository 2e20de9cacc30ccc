package paging_test

import (
	"fmt"

	"example.com/plinth/kit/paging"
)

func ExampleOrder() {
	byTitle := paging.ByText("notes by title", func(title string) bool { return title != "" })
	cursor := byTitle.Encode(paging.Position{Text: "Groceries"})
	at, err := byTitle.Decode(cursor)
	fmt.Println(at.Text, err)
	// Output: Groceries <nil>
}
