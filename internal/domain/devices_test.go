package domain_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
)

func TestKnownDeviceHasOwnCounter(t *testing.T) {
	t.Parallel()
	s := newService(t,
		serviceOpts{throttles: domain.ThrottleOptions{AccountFailures: 5, NetworkFailures: 30, TotalFailures: 25}})
	user, other := pgtest.User(t, s.store, pgtest.UserOpts{}), pgtest.User(t, s.store, pgtest.UserOpts{})
	device := s.deviceOf(t, user.Email)
	for i := range 5 {
		s.fail(t, 5, user.Email, fmt.Sprintf("198.51.100.%d", i+1))
	}
	wantWait(t, s.guess(t, user.Email, pgtest.Password, "203.0.113.1"), 15*time.Second)
	must(t, s.guessWith(t, device, strings.ToUpper(user.Email), pgtest.Password, "203.0.113.1"))
	// The owner's login resets no counter of others.
	wantWait(t, s.guess(t, user.Email, pgtest.Password, "203.0.113.1"), 15*time.Second)

	// A device belongs to one account. A stolen token has one counter.
	for i := range 5 {
		s.fail(t, 5, other.Email, fmt.Sprintf("198.51.101.%d", i+1))
	}
	wantWait(t, s.guessWith(t, device, other.Email, pgtest.Password, "203.0.113.1"), 15*time.Second)
	for i := range 5 {
		wantError(t, s.guessWith(t, device, user.Email, "wrong", fmt.Sprintf("192.0.2.%d", i)),
			domain.ErrInvalidCredentials)
	}
	wantWait(t, s.guessWith(t, device, user.Email, pgtest.Password, "192.0.2.66"), 15*time.Second)
	s.later(t, 15*time.Second)
	must(t, s.guessWith(t, device, user.Email, pgtest.Password, "192.0.2.66"))
	for range 5 {
		wantError(t, s.guessWith(t, device, user.Email, "wrong", "192.0.2.66"), domain.ErrInvalidCredentials)
	}
}

func TestDevicesAreForgotten(t *testing.T) {
	t.Parallel()
	password, current := "a new and long password", pgtest.Password
	for name, forget := range map[string]func(*testing.T, *service, domain.User){
		"by a password change": func(t *testing.T, s *service, user domain.User) {
			t.Helper()
			_, err := s.users.UpdateCurrentUser(t.Context(), s.actor(t, s.login(t, user)),
				domain.CurrentUserChange{Password: &password, CurrentPassword: &current})
			must(t, err)
		},
		"by a reset": func(t *testing.T, s *service, user domain.User) {
			t.Helper()
			_, err := s.users.EnsureAdmin(t.Context(), resetAdmin(user.Email, password))
			must(t, err)
		},
		"after 90 days": func(t *testing.T, s *service, _ domain.User) {
			t.Helper()
			pgtest.Exec(t, s.url, "UPDATE known_devices SET last_login_at = last_login_at - interval '91 days'")
		},
		"for newer ones": func(t *testing.T, s *service, user domain.User) {
			t.Helper()
			for range 10 {
				must(t, s.guess(t, user.Email, pgtest.Password, "203.0.113.1"))
			}
			if n := pgtest.Value[int](t, s.url, "SELECT count(*) FROM known_devices"); n != 10 {
				t.Errorf("%d devices are known, want 10", n)
			}
		},
		"with the account": func(t *testing.T, s *service, user domain.User) {
			t.Helper()
			must(t, s.users.DeleteCurrentUser(t.Context(), s.actor(t, s.login(t, user)), current))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, serviceOpts{throttles: strict()})
			user := pgtest.User(t, s.store, pgtest.UserOpts{})
			device := s.deviceOf(t, user.Email)
			s.fail(t, 5, user.Email, "192.0.2.1")
			wantError(t, s.guessWith(t, device, user.Email, "wrong", "192.0.2.1"), domain.ErrInvalidCredentials)
			forget(t, s, user)
			wantWait(t, s.guessWith(t, device, user.Email, pgtest.Password, "192.0.2.1"), 15*time.Second)
		})
	}
}

// guessWith logs in with a device token.
func (s *service) guessWith(t *testing.T, device, email, password, address string) error {
	t.Helper()
	client := at(address)
	client.DeviceToken = device
	_, err := s.sessions.LoginUser(t.Context(), email, password, client)
	return err
}

// deviceOf logs in from a new device and returns its token.
func (s *service) deviceOf(t *testing.T, email string) string {
	t.Helper()
	tokens, err := s.sessions.LoginUser(t.Context(), email, pgtest.Password, at("203.0.113.99"))
	must(t, err)
	return tokens.Device.Reveal()
}
