package rules_test

import (
	"strings"
	"testing"
	"time"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/auth"
)

// A blocked network does not refuse known devices in it, but their failures count for it.
func TestKnownDeviceIgnoresNetworkCounter(t *testing.T) {
	t.Parallel()
	s := newService(t,
		serviceOpts{throttles: domain.ThrottleOptions{AccountFailures: 5, NetworkFailures: 10, TotalFailures: 100}})
	user := pgtest.User(t, s.store, pgtest.UserOpts{})
	device := s.deviceOf(t, user.Email)
	for range 4 {
		wantError(t, s.guessWith(t, device, user.Email, "wrong", "192.0.2.1"), domain.ErrInvalidCredentials)
	}
	for i := range 6 {
		s.fail(t, 1, strings.Repeat("x", i+1)+"@example.com", "192.0.2.1")
	}
	wantWait(t, s.guess(t, "y@example.com", "wrong", "192.0.2.1"), 15*time.Second)
	must(t, s.guessWith(t, device, user.Email, pgtest.Password, "192.0.2.1"))
}

// The service remembers only its own tokens. A device has one token for all accounts.
func TestDeviceTokensStayTheSame(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{throttles: strict()})
	user, other := pgtest.User(t, s.store, pgtest.UserOpts{}), pgtest.User(t, s.store, pgtest.UserOpts{})
	device := s.deviceOf(t, user.Email)
	login := func(email, token string) string {
		t.Helper()
		client := at("192.0.2.1")
		client.DeviceToken = token
		tokens, err := s.sessions.LoginUser(t.Context(), email, pgtest.Password, client)
		must(t, err)
		return tokens.Device.Reveal()
	}
	if again, shared := login(user.Email, device), login(other.Email, device); again != device || shared != device {
		t.Errorf("the device %s became %s and %s", device, again, shared)
	}
	for _, forged := range []string{
		"", "dt_", "dt_" + strings.Repeat("A", 43), device[:len(device)-1] + "_", device + "A", "rt_" + device[3:],
	} {
		if got := login(user.Email, forged); got == forged || got == device ||
			auth.ParseDeviceToken(got, s.throttleKey(t)).IsZero() {
			t.Errorf("%q became %q", forged, got)
		}
	}
	registered, err := s.sessions.RegisterUser(t.Context(),
		domain.Registration{Email: "b@example.com", Password: pgtest.Password}, at("192.0.2.1"))
	must(t, err)
	s.fail(t, 5, "b@example.com", "192.0.2.1")
	must(t, s.guessWith(t, registered.Device.Reveal(), "b@example.com", pgtest.Password, "192.0.2.1"))
	if refreshed := s.mustRefresh(t, registered); !refreshed.Device.IsZero() {
		t.Error("a refresh hands out a device token")
	}
}

func (s *service) throttleKey(t *testing.T) []byte {
	t.Helper()
	return pgtest.Value[[]byte](t, s.url, "SELECT key FROM throttle_keys")
}
