package failure_test

import (
	"errors"
	"fmt"
	"io"

	"example.com/plinth/kit/failure"
)

func ExampleError() {
	errUnavailable := &failure.Error{Code: "unavailable", Message: "Try again shortly."}
	err := fmt.Errorf("reading a user: %w", errUnavailable.Because(io.ErrUnexpectedEOF))
	fmt.Println(errors.Is(err, errUnavailable), errors.Is(err, io.ErrUnexpectedEOF))
	// Output: true true
}
