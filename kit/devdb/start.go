//go:build linux || darwin

package devdb

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

// Start starts the server of the cluster in opts.Dir and waits until it accepts connections. It
// creates the cluster if there is none. If another process runs the server, Start joins it, or
// fails with [ErrInUse] if opts.Exclusive is set. ctx bounds only the start. Start removes PG*
// variables, such as PGSERVICE, from the environment of this process, because pgx would apply them
// to the URLs of the server.
//
// It fails with [ErrNoServer], [ErrWrongVersion] or [ErrForeignFolder], each with advice, and then
// deletes nothing.
func Start(ctx context.Context, opts Options) (*Server, error) {
	forgetClientSettings()
	acct, err := serverAccount()
	if err != nil {
		return nil, err
	}
	dir, err := acct.home(opts.Dir)
	if err != nil {
		return nil, err
	}
	f, err := openFolder(dir, acct)
	if err != nil {
		return nil, err
	}
	owned, joined, err := f.claimOrJoin(ctx, opts.Exclusive)
	if !owned {
		f.release()
		return joined, err
	}
	server, err := f.serve(ctx, opts)
	if err != nil {
		f.release()
		return nil, err
	}
	return server, nil
}

// Dir returns the folder of the cluster of an Options.Dir: see [Server.Dir].
func Dir(dir string) (string, error) {
	acct, err := serverAccount()
	if err != nil {
		return "", err
	}
	return acct.home(dir)
}

// Remove deletes the cluster of an Options.Dir and returns its folder. If it fails with [ErrInUse]
// or [ErrForeignFolder] it deletes nothing.
func Remove(dir string) (string, error) {
	dir, err := Dir(dir)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return dir, nil
	}
	f, err := openFolder(dir, account{})
	if err != nil {
		return "", err
	}
	defer f.release()
	switch owned, err := f.claim(); {
	case err != nil:
		return "", err
	case !owned:
		return "", fmt.Errorf("%w: %s", ErrInUse, dir)
	}
	return dir, os.RemoveAll(dir)
}

func forgetClientSettings() {
	for _, variable := range os.Environ() { //nolint:forbidigo // removed, not read
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "PG") {
			_ = os.Unsetenv(name) // fails only for an empty name
		}
	}
}

// claimOrJoin claims the folder or joins its owner's server. It polls both, because the owner may
// be about to start or to end.
func (f *folder) claimOrJoin(ctx context.Context, exclusive bool) (owned bool, joined *Server, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var joinErr error
	for {
		owned, err := f.claim()
		if owned || err != nil {
			return owned, nil, err
		}
		if exclusive {
			return false, nil, fmt.Errorf("%w: %s", ErrInUse, f.dir)
		}
		if pm := f.postmaster(); pm.ready {
			joined, joinErr = joinServer(ctx, f.dir, f.read(passwordFile), pm.port, f.reasons)
			if joinErr == nil {
				return false, joined, nil
			}
		}
		if !pause(ctx) {
			err := fmt.Errorf("%w, and its server does not get ready: %s", ErrInUse, f.dir)
			return false, nil, errors.Join(err, joinErr)
		}
	}
}

// serve starts the server of a claimed folder.
func (f *folder) serve(ctx context.Context, opts Options) (*Server, error) {
	if err := f.write(logFile, ""); err != nil {
		return nil, fmt.Errorf("emptying the server's log: %w", err)
	}
	major, err := f.clusterMajor()
	if err != nil {
		return nil, err
	}
	bin, err := findBinaries(ctx, f.account, major, opts)
	if err != nil {
		return nil, err
	}
	if opts.Volatile && major != 0 {
		return f.serveVolatile(ctx, major, bin, opts)
	}
	if major == 0 {
		return f.serveNew(ctx, bin, opts)
	}
	if major != bin.major {
		return nil, wrongVersion(f.path(dataDir), major, bin)
	}
	if err := f.clearStalePID(ctx); err != nil {
		return nil, fmt.Errorf("removing a stale postmaster.pid: %w", err)
	}
	return f.run(ctx, bin, opts)
}

// serveNew starts the server on a new cluster.
func (f *folder) serveNew(ctx context.Context, bin binaries, opts Options) (*Server, error) {
	opts.logger().InfoContext(ctx, "creating a database cluster",
		slog.String("dir", f.dir), slog.Int("postgres_version", bin.major))
	if err := f.create(ctx, bin, opts.Volatile); err != nil {
		return nil, err
	}
	return f.run(ctx, bin, opts)
}

// serveVolatile starts the server on the existing cluster, or on a new one. A postmaster.pid means
// that the last server was not shut down; without syncing its files may be broken.
func (f *folder) serveVolatile(ctx context.Context, major int, bin binaries, opts Options) (*Server, error) {
	if major == bin.major && f.postmaster().pid == 0 {
		if server, err := f.run(ctx, bin, opts); err == nil || ctx.Err() != nil {
			return server, err
		}
	}
	if err := f.discard(); err != nil {
		return nil, fmt.Errorf("discarding a broken cluster: %w", err)
	}
	return f.serveNew(ctx, bin, opts)
}

func wrongVersion(data string, major int, bin binaries) error {
	return fmt.Errorf("%w: %s was made by PostgreSQL %d, and only PostgreSQL %d is at hand in %s. "+
		"Install version %d or name its folder in POSTGRES_BIN; or set DATABASE_URL to another server; "+
		"or, if its data can go, delete that folder. Nothing was changed",
		ErrWrongVersion, data, major, bin.major, bin.dir, major)
}

// run starts the server on a free port. Another program may take the port first, so run retries if
// the port is busy after a failure.
func (f *folder) run(ctx context.Context, bin binaries, opts Options) (*Server, error) {
	last, _ := strconv.Atoi(f.read(portFile))
	for attempt := 1; ; attempt++ {
		port, err := freePort(ctx, last)
		if err != nil {
			return nil, err
		}
		p, err := f.spawn(ctx, filepath.Join(bin.dir, "postgres"), serverArgs(f.path(dataDir), port, opts)...)
		if err != nil {
			return nil, err
		}
		if err = f.awaitReady(ctx, p); err == nil {
			return f.running(p, port)
		}
		if attempt == 3 || portIsFree(ctx, port) {
			return nil, err
		}
	}
}

func (f *folder) running(p *process, port int) (*Server, error) {
	stop := sync.OnceValue(func() error {
		defer f.release()
		return p.stop()
	})
	if err := f.write(portFile, strconv.Itoa(port)); err != nil {
		return nil, errors.Join(fmt.Errorf("storing the database port: %w", err), stop())
	}
	return &Server{
		dir: f.dir, port: port, password: f.read(passwordFile), done: p.exited, stop: stop, reasons: f.reasons,
	}, nil
}

// awaitReady waits until the server of p accepts connections.
func (f *folder) awaitReady(ctx context.Context, p *process) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		if pm := f.postmaster(); pm.ready && pm.pid == p.cmd.Process.Pid {
			return nil
		}
		select {
		case <-p.exited:
			return f.failure("the database server did not start", p.err)
		default:
		}
		if !pause(ctx) {
			return errors.Join(f.failure("waiting for the database server to start", ctx.Err()), p.stop())
		}
	}
}

func serverArgs(data string, port int, opts Options) []string {
	settings := []string{
		"listen_addresses=127.0.0.1", "unix_socket_directories=", "port=" + strconv.Itoa(port),
		"synchronous_commit=off", // a crash of the machine may lose the last commits, but not the cluster
	}
	if opts.Volatile {
		settings = append(settings, "fsync=off", "full_page_writes=off", "autovacuum=off",
			"wal_level=minimal", "max_wal_senders=0", "max_connections=200",
			"dynamic_shared_memory_type=mmap") // files in the cluster, removed with it
	}
	args := []string{"-D", data}
	for _, setting := range append(settings, opts.Settings...) { // the last value wins
		args = append(args, "-c", setting)
	}
	return args
}

// freePort returns the preferred port if it is free, else any free port.
func freePort(ctx context.Context, preferred int) (int, error) {
	if preferred > 0 && portIsFree(ctx, preferred) {
		return preferred, nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("looking for a free port: %w", err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	number, err := strconv.Atoi(port)
	return number, errors.Join(err, listener.Close())
}

func portIsFree(ctx context.Context, port int) bool {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	return err == nil && listener.Close() == nil
}
