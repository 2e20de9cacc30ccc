package httpapi

import (
	"example.com/plinth/api"
	"example.com/plinth/kit/apidocs"
)

// documentation builds the files of the documentation from the published contract.
func documentation() (map[string]apidocs.File, error) {
	contract, err := api.Published()
	if err != nil {
		return nil, err
	}
	return apidocs.Files(contract)
}
