package protocol_test

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"example.com/plinth/internal/apitest"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/httpapi"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/auth"
	"example.com/plinth/kit/idgen"
)

// busy is an API in a bubble of time, with one slot for hashing and one place to wait for it. It
// has no database: asking for one panics, which is a 500.
type busy struct {
	handler http.Handler
	hasher  *auth.PasswordHasher
	release chan struct{} // lets a hash end
}

func newBusy(t *testing.T, maxWait time.Duration) *busy {
	t.Helper()
	b := &busy{release: make(chan struct{})}
	var err error
	b.hasher, err = auth.NewPasswordHasher(pgtest.PasswordParams(), auth.PasswordHasherOptions{
		Gate: auth.HashingGateOptions{Slots: 1, QueueSize: 1, MaxWait: maxWait}, Rand: b,
	})
	apitest.Must(t, err)
	cfg := apitest.NewConfig(t, nil)
	b.handler = apitest.Build(t, httpapi.New, cfg, memoryStore{}, func(deps *httpapi.Dependencies, _ *httpapi.Options) {
		passwords := domain.NewPasswords(b.hasher, domain.PasswordOptions{AppName: "Plinth", MinLength: 15})
		deps.Services.Sessions = domain.NewSessionService(memoryStore{}, passwords, deps.Services.Throttles,
			nil, domain.NoRecorder{}, idgen.New(time.Now, rand.Reader), rand.Reader, domain.SessionOptions{})
		deps.Health.Ready = func(context.Context) ([]string, error) { return nil, nil }
		deps.Logger = slog.New(slog.DiscardHandler)
	}).Handler
	return b
}

// Read implements io.Reader: it gives salts, which hashes ask for inside of the gate, and not
// before they are released.
func (b *busy) Read(salt []byte) (int, error) {
	if b.hasher != nil { // made already
		<-b.release
	}
	return rand.Read(salt)
}

// hash starts hashes that do not end before they are released.
func (b *busy) hash(t *testing.T, times int) {
	t.Helper()
	for range times {
		go func() { _, _ = b.hasher.Hash(t.Context(), apitest.Password) }()
		synctest.Wait()
	}
}

// ask returns the status of an answer, and how long it took. A refusal says when to come again.
func (b *busy) ask(ctx context.Context, t *testing.T, method, path string, body io.Reader) (status int, took time.Duration) {
	t.Helper()
	r := httptest.NewRequestWithContext(ctx, method, path, body)
	r.Header.Set("Content-Type", "application/json")
	started := time.Now()
	response := strictly(t, b.handler, r)
	took = time.Since(started)
	if wait := response.Header.Get("Retry-After"); (response.StatusCode == http.StatusServiceUnavailable) != (wait == "2") {
		t.Errorf("Retry-After of a %d is %q", response.StatusCode, wait)
	}
	return response.StatusCode, took
}

// unreadable is a body that must not be read.
type unreadable struct{ t *testing.T }

func (u unreadable) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, io.EOF
}

func TestOverloadIsRefusedBeforeTheBodyIsRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBusy(t, time.Hour)
		b.hash(t, 2)
		for _, path := range []string{apitest.LoginPath, apitest.RegisterPath} {
			status, took := b.ask(t.Context(), t, http.MethodPost, path, unreadable{t})
			apitest.Want(t, "status", status, http.StatusServiceUnavailable, nil)
			apitest.Want(t, "time", took, 500*time.Millisecond, nil)
		}
		// What needs no hash, or may not need one, goes on.
		for path, wanted := range map[string]int{"/health": http.StatusOK, apitest.MePath: http.StatusUnauthorized} {
			status, took := b.ask(t.Context(), t, http.MethodGet, path, http.NoBody)
			apitest.Want(t, "status", status, wanted, nil)
			apitest.Want(t, "time", took, 0, nil)
		}
		status, took := b.ask(t.Context(), t, http.MethodPatch, apitest.MePath, unreadable{t})
		apitest.Want(t, "status of a stranger's change", status, http.StatusUnauthorized, nil)
		apitest.Want(t, "time", took, 0, nil)

		close(b.release)
		synctest.Wait()
		status, took = b.ask(t.Context(), t, http.MethodPost, apitest.LoginPath, strings.NewReader("{}"))
		apitest.Want(t, "status after the rush", status, http.StatusUnprocessableEntity, nil)
		apitest.Want(t, "time", took, 0, nil)
		apitest.Want(t, "number of those refused", b.hasher.Stats().Shed, 2, nil)
	})
}

func TestRefusalsAreDelayedUpToALimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBusy(t, time.Hour)
		b.hash(t, 2)
		var held, immediate atomic.Int64
		var group sync.WaitGroup
		for range 600 {
			group.Go(func() {
				switch _, took := b.ask(t.Context(), t, http.MethodPost, apitest.LoginPath, unreadable{t}); took {
				case 500 * time.Millisecond:
					held.Add(1)
				case 0:
					immediate.Add(1)
				}
			})
		}
		group.Wait()
		apitest.Want(t, "number of those held back", held.Load(), 512, nil)
		apitest.Want(t, "number of the others", immediate.Load(), 88, nil)
		_, took := b.ask(t.Context(), t, http.MethodPost, apitest.LoginPath, unreadable{t})
		apitest.Want(t, "time of one after them", took, 500*time.Millisecond, nil)

		gone, hangUp := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer hangUp()
		_, took = b.ask(gone, t, http.MethodPost, apitest.LoginPath, unreadable{t})
		apitest.Want(t, "time of one who hangs up", took, 100*time.Millisecond, nil)
		close(b.release)
	})
}

// What the gate itself refuses has waited in its queue, so it is held back for the rest.
func TestRefusalsOfTheGateAreDelayed(t *testing.T) {
	t.Parallel()
	for waited, answered := range map[time.Duration]time.Duration{
		200 * time.Millisecond: 500 * time.Millisecond,
		700 * time.Millisecond: 700 * time.Millisecond,
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBusy(t, waited)
			b.hash(t, 1)
			status, took := b.ask(t.Context(), t, http.MethodPost, apitest.RegisterPath, strings.NewReader(apitest.Credentials("ada@example.com", apitest.Password)))
			apitest.Want(t, "status", status, http.StatusServiceUnavailable, nil)
			apitest.Want(t, "time", took, answered, nil)
			close(b.release)
		})
	}
}
