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
		t.Error("a cause makes it another failure")
	}
	if errors.Is(failure, domain.ErrOverloaded) || errors.Is(failure, io.EOF) {
		t.Error("it is taken for another failure")
	}
	if !errors.Is(failure, io.ErrUnexpectedEOF) {
		t.Error("the cause is lost")
	}
}

func TestCauseIsNotInMessage(t *testing.T) {
	t.Parallel()
	failure := domain.ErrUnavailable.Because(errors.New("password=secret"))
	if strings.Contains(failure.Error(), "secret") || failure.Error() != domain.ErrUnavailable.Message {
		t.Errorf("the caller sees %q", failure.Error())
	}
	if errors.Unwrap(domain.ErrUnavailable) != nil {
		t.Error("the failure that everybody shares got a cause")
	}
}
