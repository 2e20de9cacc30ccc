package formats_test

import (
	"fmt"

	"example.com/plinth/kit/formats"
)

func ExampleOf() {
	date, ok := formats.Of("date")
	fmt.Println(ok, date.Noun)
	fmt.Println(date.Check(date.Example), date.Check("2023-02-29"))
	// Output:
	// true a date such as 2026-01-02
	// <nil> not of that form
}
