package failure_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"example.com/plinth/kit/failure"
)

var (
	errUnavailable = &failure.Error{Code: "unavailable", Message: "Try again shortly."}
	errOverloaded  = &failure.Error{Code: "overloaded", Message: "Try again shortly."}
)

func TestErrorsAreComparedByCode(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("doing something: %w", errUnavailable.Because(io.ErrUnexpectedEOF))
	if !errors.Is(err, errUnavailable) {
		t.Error("an error with a cause has another code")
	}
	if errors.Is(err, errOverloaded) || errors.Is(err, io.EOF) {
		t.Error("the error matches another one")
	}
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error("the error does not wrap its cause")
	}
}

func TestCauseIsNotInMessage(t *testing.T) {
	t.Parallel()
	err := errUnavailable.Because(errors.New("password=secret"))
	if strings.Contains(err.Error(), "secret") || err.Error() != errUnavailable.Message {
		t.Errorf("the caller sees %q", err.Error())
	}
	if errors.Unwrap(errUnavailable) != nil {
		t.Error("the shared error has a cause")
	}
}
