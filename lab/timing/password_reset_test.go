//go:build timing

package timing_test

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/idgen"
)

// TestPasswordResetTiming tests whether the time of a request for a password reset reveals whether the
// e-mail has an account, like TestLoginTiming. The usual shortcut, which looks for the account and
// enqueues a mail only if there is one, must be outside of 0.40 and 0.60.
//
//nolint:paralleltest // by the clock
func TestPasswordResetTiming(t *testing.T) {
	for name, shortcut := range map[string]bool{"the service": false, "with a look for the account": true} {
		t.Run(name, func(t *testing.T) {
			store := pgtest.New(t)
			users := newUsers(t, store)
			request := func(email string) time.Duration {
				started := time.Now()
				if !shortcut || exists(t, store, email) {
					must(t, users.RequestPasswordReset(t.Context(), email))
				}
				return time.Since(started)
			}
			emails := make([]string, samples) // made before, because what a request follows changes its time
			for i := range emails {
				emails[i] = pgtest.User(t, store, pgtest.UserOpts{}).Email
			}
			times := map[bool][]time.Duration{} // by whether the e-mail has an account
			for i, email := range emails {
				for _, isKnown := range []bool{i%2 == 0, i%2 != 0} {
					sent := email
					if !isKnown {
						sent = strings.ToLower(rand.Text()) + "@example.com"
					}
					times[isKnown] = append(times[isKnown], request(sent))
				}
			}
			by := auc(times[false], times[true])
			t.Logf("AUC %.3f, medians %s for unknown and %s for known e-mails", by, middle(times[false]), middle(times[true]))
			if even(by) == shortcut {
				t.Error("want 0.40 to 0.60 for the service only")
			}
		})
	}
}

func exists(t *testing.T, store domain.Store, email string) bool {
	t.Helper()
	_, err := store.GetUserByEmail(t.Context(), email)
	return err == nil
}

// newUsers returns the service of accounts with mails that are enqueued and not sent.
func newUsers(t *testing.T, store domain.Store) *domain.UserService {
	t.Helper()
	ids := idgen.New(time.Now, rand.Reader)
	audit := domain.NewAuditService(store, ids, time.Now, 0)
	throttles := domain.NewThrottleService(store, audit, rand.Reader, domain.ThrottleOptions{})
	mails := domain.NewMailService(store, noMailer{}, throttles, audit, rand.Reader, time.Now, domain.MailOptions{})
	return domain.NewUserService(store, nil, throttles, audit, ids, domain.UserOptions{Mails: mails})
}

type noMailer struct{}

// Send implements domain.Mailer.
func (noMailer) Send(context.Context, domain.Mail) error { return nil }
