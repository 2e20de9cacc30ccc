// Command shop runs the shop, for tests of clients in other languages, until its standard input ends. The database has to be
// migrated.
//
//	shop DATABASE_URL
//
// It prints a line of JSON: its address, and an access token of a user and of an administrator.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"

	"example.com/plinth/internal/app"
	"example.com/plinth/internal/config"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/shoptest"
	"example.com/plinth/kit/lifecycle"
)

func main() {
	if len(os.Args) != 2 {
		_, _ = fmt.Fprintln(os.Stderr, "usage: shop DATABASE_URL")
		os.Exit(2)
	}
	if err := run(context.Background(), os.Args[1]); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "shop:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, database string) error {
	cfg, err := config.LoadFrom(map[string]string{
		"ENVIRONMENT": "development", "DATABASE_URL": database, "JWT_SECRET": strings.Repeat("4c70a3b2", 8),
		"LOG_LEVEL": "warn", "METRICS_ADDR": "off", "PASSWORD_HASH_MEMORY_KIB": "64", "PASSWORD_HASH_ITERATIONS": "1", "RATE_LIMIT_ENABLED": "false",
	}, config.Options{})
	if err != nil {
		return err
	}
	store, err := pgstore.Open(ctx, database, pgstore.Options{MaxConns: 4})
	if err != nil {
		return err
	}
	defer store.Close()
	assembled, err := app.Build(ctx, cfg, app.Options{Store: store, NewHandler: shoptest.NewHandler})
	if err != nil {
		return err
	}
	defer assembled.Close(ctx)
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	if err := announce(ctx, assembled.Services.Sessions, store, listener.Addr()); err != nil {
		return err
	}
	server := lifecycle.NewServer(assembled.Handler, slog.New(slog.DiscardHandler), lifecycle.ServerOptions{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = server.Close()
	}()
	_ = server.Serve(listener) // until it is closed
	return nil
}

func announce(ctx context.Context, sessions *domain.SessionService, store *pgstore.Store, address net.Addr) error {
	announced := map[string]string{"url": "http://" + address.String()}
	for _, role := range []domain.Role{domain.RoleUser, domain.RoleAdmin} {
		email := string(role) + "@example.com"
		tokens, err := sessions.RegisterUser(ctx, domain.Registration{Email: email, Password: "correct horse battery staple"}, domain.Client{})
		if err != nil {
			return err
		}
		user, err := store.GetUserByEmail(ctx, email)
		if err != nil {
			return err
		}
		if _, err := store.UpdateUser(ctx, user.ID, domain.UserUpdate{Role: &role}); err != nil {
			return err
		}
		announced[string(role)] = tokens.Access
	}
	return json.NewEncoder(os.Stdout).Encode(announced)
}
