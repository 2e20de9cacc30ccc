// Command published prints the contract as it is published, for generators of clients.
package main

import (
	"fmt"
	"os"

	"example.com/plinth/api"
)

func main() {
	contract, err := api.OpenAPIYAML()
	if err == nil {
		_, err = os.Stdout.Write(contract)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "published:", err)
		os.Exit(1)
	}
}
