//go:build faults

package faults_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// balancer is an nginx in front of replicas.
type balancer struct {
	*process

	url  string
	port string
	dir  string
}

// balance starts nginx in front of the replicas. It does not retry requests on another replica, so
// that each failure is visible.
func balance(t *testing.T, replicas ...*replica) *balancer {
	t.Helper()
	b := &balancer{port: freePort(t), dir: folder(t)}
	b.url = "http://127.0.0.1:" + b.port
	b.configure(t, replicas...)
	b.process = spawn(t, processOpts{}, programs["nginx"], "-e", "stderr", "-p", b.dir, "-c", b.config())
	(&replica{process: b.process, url: b.url}).awaitStatus(t, livePath, 200)
	t.Cleanup(func() { b.signalMaster(syscall.SIGTERM) }) // kill -9 of the master would leave its workers running
	return b
}

func (b *balancer) config() string { return filepath.Join(b.dir, "nginx.conf") }

func (b *balancer) signalMaster(signal syscall.Signal) {
	_ = b.cmd.Process.Signal(signal)
	if signal == syscall.SIGTERM {
		<-b.exited
	}
}

// send routes requests to these replicas only.
func (b *balancer) send(t *testing.T, replicas ...*replica) {
	t.Helper()
	b.configure(t, replicas...)
	b.signalMaster(syscall.SIGHUP)
}

func (b *balancer) configure(t *testing.T, replicas ...*replica) {
	t.Helper()
	user := ""
	if os.Geteuid() == 0 {
		user = "user root;" // the owner of the folder
	}
	var servers strings.Builder
	for _, r := range replicas {
		fmt.Fprintf(&servers, "server %s max_fails=0; ", strings.TrimPrefix(r.url, "http://"))
	}
	must(t, os.WriteFile(b.config(), []byte(user+`
		daemon off; pid nginx.pid; worker_processes 1; error_log stderr warn;
		events { worker_connections 1024; }
		http {
			access_log off;
			client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
			upstream api { `+servers.String()+` keepalive 32; }
			server {
				listen 127.0.0.1:`+b.port+`;
				location / {
					proxy_pass http://api;
					proxy_http_version 1.1;
					proxy_set_header Connection "";
					proxy_set_header X-Forwarded-For $remote_addr;
					proxy_next_upstream off;
				}
			}
		}`), 0o600))
}
