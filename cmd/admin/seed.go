package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"example.com/plinth/internal/config"
	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/cli"
)

func seedCommand(ctx context.Context, args []string, stdout io.Writer) error {
	if len(args) > 0 {
		return cli.ErrUsage
	}
	return withUsers(ctx, func(users *domain.UserService, cfg config.Config) error {
		return seed(ctx, users, cfg.Environment, stdout)
	})
}

// demoPassword is public, so seeding is refused in production.
const demoPassword = "demo-account-on-a-laptop"

func seed(ctx context.Context, users *domain.UserService, environment config.Environment, stdout io.Writer) error {
	if environment == config.Production {
		return errors.New("demo users have a public password: not in production")
	}
	name := func(s string) *string { return &s }
	for _, demo := range []struct {
		email string
		name  *string
		role  domain.Role
	}{
		{"admin@example.com", name("Grace Hopper"), domain.RoleAdmin},
		{"ada@example.com", name("Ada Lovelace"), domain.RoleUser},
		{"anonymous@example.com", nil, domain.RoleUser},
	} {
		outcome := "created, password: " + demoPassword
		_, err := users.CreateUser(ctx, demo.email, demoPassword, demo.name, demo.role)
		if errors.Is(err, domain.ErrEmailTaken) {
			outcome, err = "exists already, not changed", nil
		}
		if err != nil {
			return fmt.Errorf("seeding %s: %w", demo.email, err)
		}
		fmt.Fprintf(stdout, "%s: %s\n", demo.email, outcome)
	}
	return nil
}
