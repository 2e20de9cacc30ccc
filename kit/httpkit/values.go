package httpkit

import (
	"time"

	openapi_types "github.com/oapi-codegen/runtime/types"
)

// DateOf returns the date of a time, as a member of the contract; nil for nil.
func DateOf(day *time.Time) *openapi_types.Date {
	if day == nil {
		return nil
	}
	return &openapi_types.Date{Time: *day}
}

// TimeOf returns the midnight in UTC of a date of the contract; nil for nil.
func TimeOf(date *openapi_types.Date) *time.Time {
	if date == nil {
		return nil
	}
	return &date.Time
}

// UTC returns a time in UTC; nil for nil.
func UTC(instant *time.Time) *time.Time {
	if instant == nil {
		return nil
	}
	return new(instant.UTC())
}
