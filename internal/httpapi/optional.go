package httpapi

import "github.com/oapi-codegen/nullable"

// defaultLimit is how many items a page has unless the request says so, in every list of the contract.
const defaultLimit = 20

// orDefault returns the value of an optional parameter or member.
func orDefault[T any](value *T, otherwise T) T {
	if value == nil {
		return otherwise
	}
	return *value
}

// fromNullable reads a member of a PATCH: whether it was sent, and its value, nil for null.
func fromNullable[T any](member nullable.Nullable[T]) (isSet bool, value *T) {
	if v, err := member.Get(); err == nil {
		value = &v
	}
	return member.IsSpecified(), value
}
