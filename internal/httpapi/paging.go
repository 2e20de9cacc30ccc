package httpapi

import (
	"github.com/oapi-codegen/nullable"

	"example.com/plinth/kit/paging"
	"example.com/plinth/kit/problem"
)

// defaultLimit is the page size of every list in the contract, unless the request sets another.
const defaultLimit = 20

var errInvalidCursor = problem.Invalid(problem.FieldError{
	In: "query", Name: "cursor", Code: "invalid_format", Detail: "Must be the next_cursor of a page in the same order.",
})

// toRange reads the parameters that all lists have.
func toRange(order paging.Order, cursor *string, limit *int32) (paging.Range, error) {
	selected, err := order.Range(cursor, int(orDefault(limit, defaultLimit)))
	if err != nil {
		return paging.Range{}, errInvalidCursor
	}
	return selected, nil
}

// orDefault returns the value of an optional parameter or member.
func orDefault[T any](value *T, otherwise T) T {
	if value == nil {
		return otherwise
	}
	return *value
}

// fromNullable reads a nullable member of a PATCH: whether it was sent, and its value, nil for
// null.
func fromNullable[T any](member nullable.Nullable[T]) (isSet bool, value *T) {
	if v, err := member.Get(); err == nil {
		value = &v
	}
	return member.IsSpecified(), value
}
