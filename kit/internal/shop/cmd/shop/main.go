// Command shop runs the shop, for tests of clients in other languages, until its standard input ends.
//
// It prints a line of JSON: its URL, and an access token of a user and of an administrator.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"example.com/plinth/kit/internal/shop"
	"example.com/plinth/kit/internal/testapi"
)

func main() {
	if err := run(context.Background()); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "shop:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	accounts := &testapi.Accounts{}
	handler, err := shop.New(testapi.Options{Now: time.Now, Accounts: accounts}) //nolint:contextcheck // loading the contract takes none
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	announced := map[string]string{"url": "http://" + listener.Addr().String()}
	for _, role := range []string{"user", "admin"} {
		announced[role] = accounts.Add(role)
	}
	if err := json.NewEncoder(os.Stdout).Encode(announced); err != nil {
		return err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = server.Close()
	}()
	_ = server.Serve(listener) // until it is closed
	return nil
}
