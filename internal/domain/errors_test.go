package domain_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"example.com/plinth/internal/domain"
)

func TestErrorsAreComparedByCode(t *testing.T) {
	t.Parallel()
	failure := fmt.Errorf("doing something: %w", domain.ErrUnavailable.Because(io.ErrUnexpectedEOF))
	if !errors.Is(failure, domain.ErrUnavailable) {
		t.Error("an error with a cause has another code")
	}
	if errors.Is(failure, domain.ErrOverloaded) || errors.Is(failure, io.EOF) {
		t.Error("the error matches another one")
	}
	if !errors.Is(failure, io.ErrUnexpectedEOF) {
		t.Error("the error does not wrap its cause")
	}
}

func TestCauseIsNotInMessage(t *testing.T) {
	t.Parallel()
	failure := domain.ErrUnavailable.Because(errors.New("password=secret"))
	if strings.Contains(failure.Error(), "secret") || failure.Error() != domain.ErrUnavailable.Message {
		t.Errorf("the caller sees %q", failure.Error())
	}
	if errors.Unwrap(domain.ErrUnavailable) != nil {
		t.Error("the shared error has a cause")
	}
}
