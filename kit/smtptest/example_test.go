package smtptest_test

import (
	"testing"

	"example.com/plinth/kit/smtptest"
)

func Example() {
	_ = func(t *testing.T) {
		t.Helper()
		server := smtptest.New(t, smtptest.Options{})
		server.Fail(smtptest.Fault{Stage: smtptest.RcptTo, Code: 550})
		_ = server.URL() // for the program under test
		for _, mail := range server.Mails() {
			t.Log(mail.To, mail.Subject)
		}
	}
	// Output:
}
