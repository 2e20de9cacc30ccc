package exact_test

import (
	"fmt"

	"example.com/plinth/kit/exact"
)

func ExampleDecimal() {
	var price exact.Decimal
	if err := price.Scan("12.50"); err != nil {
		panic(err)
	}
	fmt.Println(price)
	// Output: 12.50
}
