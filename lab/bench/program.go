package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"example.com/plinth/lab/bench/load"
)

// program is a measured server.
type program struct {
	address string
	cmd     *exec.Cmd
	log     *os.File
	started time.Duration // from exec to the first response
}

// start starts a program of the lab and waits for its first response on address.
func (l *lab) start(ctx context.Context, address string, env []string, name string, args ...string) (*program, error) {
	log, err := os.CreateTemp(l.dir, name+"-*.log")
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(l.dir, name), args...) //nolint:gosec // G204: a program of the repository
	cmd.Env, cmd.Dir, cmd.Stderr = env, l.dir, log
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &program{address: address, cmd: cmd, log: log}
	if err := p.await(ctx, begin); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	return p, nil
}

// await waits for the first response to GET /health.
func (p *program) await(ctx context.Context, begin time.Time) error {
	const patience = 20 * time.Second
	for time.Since(begin) < patience && ctx.Err() == nil {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", p.address)
		if err != nil {
			time.Sleep(time.Millisecond)
			continue
		}
		err = firstAnswer(conn)
		p.started = time.Since(begin)
		return errors.Join(err, conn.Close())
	}
	log, _ := os.ReadFile(p.log.Name())
	return fmt.Errorf("%s does not respond:\n%s", p.cmd.Path, log)
}

// firstAnswer sends GET /health and expects 200.
func firstAnswer(conn net.Conn) error {
	if _, err := conn.Write(load.Request(http.MethodGet, "/health", "")); err != nil {
		return err
	}
	answer := make([]byte, len("HTTP/1.1 200"))
	if _, err := io.ReadFull(conn, answer); err != nil {
		return err
	}
	if !strings.HasSuffix(string(answer), " 200") {
		return fmt.Errorf("the first response is %q", answer)
	}
	return nil
}

// stop ends the program and waits for it.
func (p *program) stop() error {
	defer p.log.Close() //nolint:errcheck // written by the child
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	err := p.cmd.Wait()
	if _, exited := errors.AsType[*exec.ExitError](err); exited {
		return nil // the baseline handles no signals
	}
	return err
}

// cpu returns the processor time of the program. It needs Linux.
func (p *program) cpu() (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	// The second field is the name in parentheses; the times are fields 14 and 15, in ticks of 10
	// ms.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+2:]))
	var ticks int64
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond, nil
}

// memory returns the current and peak resident memory in bytes.
func (p *program) memory() (now, peak int64, err error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(status)) {
		var kilobytes int64
		if n, _ := fmt.Sscanf(line, "VmRSS: %d kB", &kilobytes); n == 1 {
			now = kilobytes << 10
		}
		if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &kilobytes); n == 1 {
			peak = kilobytes << 10
		}
	}
	return now, peak, nil
}

// freeAddress returns a free loopback address.
func freeAddress(ctx context.Context) (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

func port(address string) string { return address[strings.LastIndexByte(address, ':')+1:] }
