package rules_test

import (
	"bytes"
	"encoding/hex"
	"testing"
	"time"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/auth"
)

func TestRefreshReuseOfLatestTokenRevokesSession(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{sessions: withoutGrace()})
	r0 := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))
	r1 := s.mustRefresh(t, r0)
	_, err := s.refresh(t, r0.Refresh.Reveal())
	wantError(t, err, domain.ErrInvalidRefreshToken)
	s.wantEnded(t, r1)
	pgtest.CheckSessions(t, s.url)
}

func TestUsedSuccessorEndsGrace(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	r0 := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))
	r1 := s.mustRefresh(t, r0)
	if !s.isSealed(t, r0) {
		t.Fatal("the successor was not sealed")
	}
	r2 := s.mustRefresh(t, r1)
	if n := pgtest.Value[int](t, s.url,
		"SELECT count(*) FROM refresh_tokens WHERE sealed_successor IS NOT NULL"); n != 1 {
		t.Errorf("%d tokens have a sealed successor, want 1", n)
	}

	_, err := s.refresh(t, r0.Refresh.Reveal())
	wantError(t, err, domain.ErrInvalidRefreshToken)
	s.wantEnded(t, r2)
	pgtest.CheckSessions(t, s.url)
}

func TestRefreshAfterGraceIsReuse(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		age  string
		live bool
	}{
		"a second before its end": {"9 seconds", true},
		"a second after its end":  {"11 seconds", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, serviceOpts{})
			r0 := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))
			r1 := s.mustRefresh(t, r0)
			pgtest.Exec(t, s.url, "UPDATE refresh_tokens SET used_at = now() - $1::interval WHERE used_at IS NOT NULL",
				test.age)
			_, err := s.refresh(t, r0.Refresh.Reveal())
			if test.live {
				must(t, err)
				s.wantLive(t, r1)
				return
			}
			wantError(t, err, domain.ErrInvalidRefreshToken)
			s.wantEnded(t, r1)
			pgtest.CheckSessions(t, s.url)
		})
	}
}

// A longer grace restores no successor that was not sealed.
func TestRefreshWithoutGraceSealsNothing(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{sessions: withoutGrace()})
	r0 := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))
	r1 := s.mustRefresh(t, r0)
	if s.isSealed(t, r0) {
		t.Error("a successor was sealed")
	}
	later := newService(t, serviceOpts{url: s.url})
	_, err := later.refresh(t, r0.Refresh.Reveal())
	wantError(t, err, domain.ErrInvalidRefreshToken)
	s.wantEnded(t, r1)
}

func TestRefreshTokenExpiresWithSession(t *testing.T) {
	t.Parallel()
	options := standard()
	options.Lifetime = time.Hour
	s := newService(t, serviceOpts{sessions: options})
	tokens := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))
	for range 3 {
		tokens = s.mustRefresh(t, tokens)
	}
	const sameEnd = `SELECT count(*) FROM refresh_tokens AS token JOIN sessions ON sessions.id = session_id
		WHERE token.expires_at = sessions.expires_at`
	if n := pgtest.Value[int](t, s.url, sameEnd); n != 2 {
		t.Errorf("%d of 2 tokens expire with their session", n)
	}
	pgtest.CheckSessions(t, s.url)

	pgtest.Exec(t, s.url, "UPDATE sessions SET expires_at = now()")
	s.wantEnded(t, tokens)
}

// A copy of the database and a used token open no session.
func TestDatabaseCopyOpensNoSession(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	chain := []domain.Tokens{s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))}
	for range 3 {
		chain = append(chain, s.mustRefresh(t, chain[len(chain)-1]))
	}
	sealed := pgtest.Rows[struct{ Bytes []byte }](t, s.url,
		"SELECT sealed_successor FROM refresh_tokens WHERE sealed_successor IS NOT NULL")
	if len(sealed) != 1 {
		t.Fatalf("%d sealed successors are stored, want 1", len(sealed))
	}
	last := chain[len(chain)-2]
	if opened, err := auth.OpenSuccessor(last.Refresh, sealed[0].Bytes); err != nil ||
		opened.Reveal() != chain[len(chain)-1].Refresh.Reveal() {
		t.Fatalf("the last used token does not open the successor: %v", err)
	}
	for i, tokens := range chain {
		if _, err := auth.OpenSuccessor(tokens.Refresh, sealed[0].Bytes); err == nil && i != len(chain)-2 {
			t.Errorf("token %d opens the successor of another", i)
		}
	}
	dump := pgtest.Value[string](t, s.url, `SELECT string_agg(row_text, E'\n') FROM (
		SELECT u::text FROM users AS u UNION ALL SELECT s::text FROM sessions AS s UNION ALL SELECT r::text FROM refresh_tokens AS r
		UNION ALL SELECT a::text FROM audit_events AS a
		UNION ALL SELECT t::text FROM throttles AS t
		UNION ALL SELECT k::text FROM known_devices AS k
	) AS everything (row_text)`)
	for i, tokens := range chain {
		text := tokens.Refresh.Reveal()
		for _, form := range []string{text, text[3:], hex.EncodeToString([]byte(text)), tokens.Access, chain[0].Device.Reveal()} {
			if bytes.Contains([]byte(dump), []byte(form)) {
				t.Errorf("the copy contains token %d", i)
			}
		}
	}
}

func TestLogoutWithPrunedToken(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	r0 := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))
	last := s.mustRefresh(t, s.mustRefresh(t, r0))
	must(t, s.sessions.LogoutUser(t.Context(), r0.Refresh.Reveal(), domain.Client{}))
	s.wantEnded(t, last)
	pgtest.CheckSessions(t, s.url)
}

// Sessions of early releases have all their tokens, without a family.
func TestRefreshSetsMissingFamily(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	old := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))
	session := s.actor(t, old).SessionID
	pgtest.Exec(t, s.url, "UPDATE sessions SET family_hash = NULL")
	s.addUsedTokens(t, session, 250)
	r1 := s.mustRefresh(t, old)
	if n := pgtest.Value[int](t, s.url, "SELECT count(*) FROM refresh_tokens"); n != 152 {
		t.Errorf("there are %d tokens, want 100 fewer, and the successor", n)
	}
	r2 := s.mustRefresh(t, s.mustRefresh(t, r1))
	if n := pgtest.Value[int](t, s.url, "SELECT count(*) FROM refresh_tokens"); n != 2 {
		t.Errorf("there are %d tokens, want 2", n)
	}
	pgtest.CheckSessions(t, s.url)
	_, err := s.refresh(t, old.Refresh.Reveal())
	wantError(t, err, domain.ErrInvalidRefreshToken)
	s.wantEnded(t, r2)
}
