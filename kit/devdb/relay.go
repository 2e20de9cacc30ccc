//go:build linux || darwin

package devdb

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

// stallLimit is the read timeout of a fetch.
const stallLimit = 15 * time.Second

func (o Options) stall() time.Duration { return cmp.Or(o.stallAfter, stallLimit) }

// relay is a proxy between the library and the repository. It adds cancellation by context and a
// read timeout, replaces digests by pinned ones, and fails without a digest, which the library
// ignores.
type relay struct {
	url        string
	repository string
	log        *slog.Logger
	stall      time.Duration
	server     *http.Server
	mu         sync.Mutex
	err        error
}

func (r *relay) start(ctx context.Context) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	r.url = "http://" + listener.Addr().String()
	r.server = &http.Server{
		Handler:           r,
		ReadHeaderTimeout: time.Minute,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	go func() { _ = r.server.Serve(listener) }() // ends with stop
	return nil
}

func (r *relay) stop() { _ = r.server.Close() }

func (r *relay) failure() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// ServeHTTP implements http.Handler. It aborts the response after a failure, because the library
// accepts any status but 200 instead of a digest.
func (r *relay) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if err := r.pass(w, req); err != nil {
		r.mu.Lock()
		r.err = err // that of the last attempt: the library's client may retry
		r.mu.Unlock()
		panic(http.ErrAbortHandler)
	}
}

func (r *relay) pass(w http.ResponseWriter, req *http.Request) error {
	file, isDigest := strings.CutSuffix(path.Base(req.URL.Path), ".sha256")
	if digest, ok := pinned[file]; ok && isDigest {
		_, err := io.WriteString(w, digest)
		return err
	}
	ctx, cancel := context.WithCancelCause(req.Context())
	defer cancel(nil)
	source := r.repository + req.URL.Path
	upstream, err := http.NewRequestWithContext(ctx, http.MethodGet, source, http.NoBody) //nolint:gosec // loopback
	if err != nil {
		return err
	}
	stalled := time.AfterFunc(r.stall, func() { cancel(stallError(upstream, r.stall)) })
	defer stalled.Stop()
	resp, err := http.DefaultClient.Do(upstream) //nolint:gosec // see above
	if err != nil {
		return causeOr(ctx, err)
	}
	defer resp.Body.Close() //nolint:errcheck // only read from
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", upstream.URL.Redacted(), resp.Status)
	}
	if isDigest {
		return causeOr(ctx, passDigest(w, resp.Body))
	}
	body := &progress{
		body: resp.Body, size: resp.ContentLength, onRead: func() { stalled.Reset(r.stall) },
		report: func(fetched, size int64) {
			r.log.InfoContext(ctx, "fetching postgres", slog.Int64("fetched_kb", fetched), slog.Int64("size_kb", size))
		},
	}
	n, err := io.Copy(w, io.LimitReader(body, archiveLimit))
	if err == nil && n == archiveLimit {
		err = errors.New("the archive is too large")
	}
	return causeOr(ctx, err)
}

func stallError(req *http.Request, limit time.Duration) error {
	through := ""
	if proxy, err := http.ProxyFromEnvironment(req); err == nil && proxy != nil {
		through = " through the proxy " + proxy.Redacted() + " (of HTTP_PROXY, HTTPS_PROXY)"
	}
	return fmt.Errorf("%s sends nothing for %s%s", req.URL.Redacted(), limit, through)
}

// causeOr returns the cause of ctx if err is not nil and ctx has ended, else err.
func causeOr(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); err != nil && cause != nil {
		return cause
	}
	return err
}

// progress reports the size of what was read of a body, in steps of a fifth, or of 5 MB if the
// size is unknown.
type progress struct {
	body       io.Reader
	size, done int64
	next       int64
	onRead     func()
	report     func(fetchedKB, sizeKB int64)
}

func (p *progress) Read(buffer []byte) (int, error) {
	n, err := p.body.Read(buffer)
	p.onRead()
	p.done += int64(n)
	step := int64(5 << 20)
	if p.size > 0 {
		step = max(p.size/5, 1)
	}
	if p.done >= p.next && n > 0 {
		p.report(p.done>>10, max(p.size, 0)>>10)
		p.next = p.done - p.done%step + step
	}
	return n, err
}

// passDigest accepts both common formats: the digest alone, and that of sha256sum.
func passDigest(w io.Writer, body io.Reader) error {
	text, err := io.ReadAll(io.LimitReader(body, 1024))
	if err != nil {
		return err
	}
	fields := strings.Fields(string(text))
	if len(fields) == 0 {
		return errors.New("the repository's digest is empty")
	}
	_, err = io.WriteString(w, strings.ToLower(fields[0]))
	return err
}
