package rules_test

import (
	"net/netip"
	"testing"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
)

func clientAt(address, userAgent string) domain.Client {
	return domain.Client{IP: netip.MustParseAddr(address), UserAgent: userAgent}
}

// refreshFrom refreshes from a client.
func (s *service) refreshFrom(t *testing.T, tokens domain.Tokens, client domain.Client) (domain.Tokens, error) {
	t.Helper()
	return s.sessions.RefreshTokens(t.Context(), tokens.Refresh.Reveal(), client)
}

// refreshEvents counts the audit events of a type.
func (s *service) refreshEvents(t *testing.T, eventType domain.EventType) int {
	t.Helper()
	return pgtest.Value[int](t, s.url, "SELECT count(*) FROM audit_events WHERE type = $1", string(eventType))
}

func TestRepeatedRefreshByClient(t *testing.T) {
	t.Parallel()
	owner := clientAt("192.0.2.1", "app/1")
	for name, test := range map[string]struct {
		client  domain.Client
		allowed bool
		events  int
	}{
		"the same client":              {owner, true, 0},
		"the same from a phone":        {clientAt("198.51.100.1", "app/1"), true, 1},
		"another program":              {clientAt("192.0.2.1", "curl/8"), false, 0},
		"another program, elsewhere":   {clientAt("198.51.100.1", "curl/8"), false, 0},
		"a program that names no name": {clientAt("192.0.2.1", ""), false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, serviceOpts{})
			r0 := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))
			r1, err := s.refreshFrom(t, r0, owner)
			must(t, err)
			again, err := s.refreshFrom(t, r0, test.client)
			if n := s.refreshEvents(t, domain.EventTokenRepeated); n != test.events {
				t.Errorf("%d repeats from elsewhere were recorded, want %d", n, test.events)
			}
			if !test.allowed {
				wantError(t, err, domain.ErrInvalidRefreshToken)
				s.wantEnded(t, r1)
				if n := s.refreshEvents(t, domain.EventTokenReused); n != 1 {
					t.Errorf("%d reuses were recorded, want 1", n)
				}
				pgtest.CheckSessions(t, s.url)
				return
			}
			must(t, err)
			if again.Refresh.Reveal() != r1.Refresh.Reveal() {
				t.Error("the retry has another successor")
			}
			s.wantLive(t, r1)
			pgtest.CheckSessions(t, s.url)
		})
	}
}

// An IPv6 network is one client.
func TestRepeatedRefreshFromSameNetwork(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	r0 := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))
	_, err := s.refreshFrom(t, r0, clientAt("2001:db8::1", ""))
	must(t, err)
	for _, address := range []string{"2001:db8::2", "2001:db8::3"} {
		_, err := s.refreshFrom(t, r0, clientAt(address, ""))
		must(t, err)
	}
	if n := s.refreshEvents(t, domain.EventTokenRepeated); n != 0 {
		t.Errorf("%d repeats from elsewhere were recorded", n)
	}
}

// A party that repeats each refresh of the owner from another network succeeds once, then ends the
// session.
func TestThiefCannotRepeatEveryRefresh(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	owner, thief := clientAt("192.0.2.1", "app/1"), clientAt("198.51.100.1", "app/1")
	tokens := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))
	session := s.actor(t, tokens).SessionID
	next, err := s.refreshFrom(t, tokens, owner)
	must(t, err)
	_, err = s.refreshFrom(t, tokens, thief)
	must(t, err)
	last, err := s.refreshFrom(t, next, owner)
	must(t, err)
	_, err = s.refreshFrom(t, next, thief)
	wantError(t, err, domain.ErrInvalidRefreshToken)
	s.wantEnded(t, last)
	if reason := s.endReason(t, session); reason != domain.RevokedByTokenReuse {
		t.Errorf("the session ended because of %q", reason)
	}
	if repeats, reuses := s.refreshEvents(t, domain.EventTokenRepeated), s.refreshEvents(t,
		domain.EventTokenReused); repeats != 1 || reuses != 1 {
		t.Errorf("%d repeats and %d reuses were recorded, want one of each", repeats, reuses)
	}
	pgtest.CheckSessions(t, s.url)
}

func TestRepeatedRefreshElsewhereOnceADay(t *testing.T) {
	t.Parallel()
	for age, allowed := range map[string]bool{"23 hours": false, "25 hours": true} {
		s := newService(t, serviceOpts{})
		home, road := clientAt("192.0.2.1", "app/1"), clientAt("198.51.100.1", "app/1")
		tokens := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))
		next, err := s.refreshFrom(t, tokens, home)
		must(t, err)
		_, err = s.refreshFrom(t, tokens, road)
		must(t, err)
		pgtest.Exec(t, s.url, "UPDATE sessions SET repeated_elsewhere_at = repeated_elsewhere_at - $1::interval", age)
		_, err = s.refreshFrom(t, next, home)
		must(t, err)
		if _, err = s.refreshFrom(t, next, road); (err == nil) != allowed {
			t.Errorf("after %s: %v", age, err)
		}
	}
}

func TestRefreshUpdatesLastAddress(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	user := pgtest.User(t, s.store, pgtest.UserOpts{})
	tokens, err := s.sessions.LoginUser(t.Context(), user.Email, pgtest.Password, clientAt("192.0.2.1", "app/1"))
	must(t, err)
	for _, address := range []string{"192.0.2.1", "198.51.100.1"} {
		sessions, err := s.sessions.ListCurrentUserSessions(t.Context(), s.actor(t, tokens))
		must(t, err)
		if first := sessions[0]; first.IP.String() != "192.0.2.1" || first.LastIP == nil ||
			first.LastIP.String() != address {
			t.Errorf("the session is of %v and was used last from %v, want %s", first.IP, first.LastIP, address)
		}
		tokens, err = s.refreshFrom(t, tokens, clientAt("198.51.100.1", "app/1"))
		must(t, err)
	}
}

// Sessions that early releases refreshed have no last client.
func TestRepeatedRefreshWithoutLastClient(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	r0 := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))
	r1 := s.mustRefresh(t, r0)
	pgtest.Exec(t, s.url, "UPDATE sessions SET last_ip = NULL, last_user_agent = NULL")
	_, err := s.refreshFrom(t, r0, clientAt("192.0.2.1", "app/1"))
	must(t, err)
	s.wantLive(t, r1)
}
