package apispec

import "example.com/plinth/kit/internal/yamldoc"

// document is a contract that has been validated elsewhere.
type document struct{ yamldoc.Document }

func parse(contract []byte) (document, error) {
	doc, err := yamldoc.Parse(contract)
	return document{doc}, err
}
