// Command published prints the contract as it is published, in JSON, for generators of clients.
package main

import (
	"fmt"
	"os"

	"example.com/plinth/api"
	"example.com/plinth/kit/apispec"
)

func main() {
	contract, err := api.Published()
	if err == nil {
		contract, err = apispec.JSON(contract)
	}
	if err == nil {
		_, err = os.Stdout.Write(contract)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "published:", err)
		os.Exit(1)
	}
}
