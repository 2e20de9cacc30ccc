package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"example.com/plinth/lab/bench/load"
)

// profileSeconds is the duration of the profile.
const profileSeconds = 10

// profileServer writes a CPU profile of a server under load to l.profile, if it is set.
func (l *lab) profileServer(ctx context.Context, p *program, debug string, requests [][]byte) error {
	if l.profile == "" {
		return nil
	}
	l.say("profiling, for %s", l.profile)
	loaded := make(chan error, 1)
	go func() {
		_, err := load.Closed(ctx, p.address, requests, (profileSeconds+1)*time.Second)
		loaded <- err
	}()
	return errors.Join(download(ctx, fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", debug, profileSeconds), l.profile), <-loaded)
}

func download(ctx context.Context, url, file string) (err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close() //nolint:errcheck // read only
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, response.Status)
	}
	to, err := os.Create(file) //nolint:gosec // G304: named by the user
	if err != nil {
		return err
	}
	_, err = io.Copy(to, response.Body)
	return errors.Join(err, to.Close())
}
