package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"example.com/plinth/internal/config"
	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/cli"
)

func createCommand(ctx context.Context, args []string, stdin io.Reader, stdout io.Writer) error {
	var request domain.AdminRequest
	flags := cli.NewFlags()
	flags.BoolVar(&request.Promote, "promote", false, "")
	flags.BoolVar(&request.ResetPassword, "reset-password", false, "")
	others, err := cli.Parse(flags, args, 1)
	if err != nil {
		return err
	}
	if request.Promote && request.ResetPassword {
		return cli.ErrUsage
	}
	request.Email = others[0]
	return withUsers(ctx, func(users *domain.UserService, _ config.Config) error {
		return create(ctx, users, request, stdin, stdout)
	})
}

func create(
	ctx context.Context, users *domain.UserService, request domain.AdminRequest, stdin io.Reader, stdout io.Writer,
) error {
	password, isRandom, err := cli.ReadPassword(stdin)
	if err != nil {
		return err
	}
	request.Password, request.PasswordChosen = password, !isRandom
	report, err := users.EnsureAdmin(ctx, request)
	switch {
	case errors.Is(err, domain.ErrAccountExists):
		return errors.New(describe(report) + existsAdvice)
	case errors.Is(err, domain.ErrPasswordNotUsed):
		return errors.New(describe(report) + passwordAdvice)
	case errors.Is(err, domain.ErrUserNotFound):
		return fmt.Errorf("%s: no such account", request.Email)
	case err != nil:
		return err
	}
	user := report.User
	fmt.Fprintf(stdout, "%s: %s (%s)\n", user.Email, report.Outcome, user.ID)
	if report.Outcome == domain.AdminPromoted {
		fmt.Fprint(stdout, history(report))
	}
	if isRandom && (report.Outcome == domain.AdminCreated || report.Outcome == domain.AdminPasswordReset) {
		fmt.Fprintf(stdout, "password: %s\n", password)
	}
	return nil
}

const (
	existsAdvice = `Nothing was changed. The e-mail was never verified: its owner may not have registered the account.
  --reset-password takes it over: sets a new password, ends its sessions, makes it an administrator.
  --promote        makes it an administrator with the password that it has; only if its owner registered it.`
	passwordAdvice = `Nothing was changed, and the password on standard input was not used.
  --reset-password sets it, ends the sessions of the account, and makes it an administrator.
  Without a password on standard input, --promote leaves the account its own.`
)

// describe describes an existing account to an operator.
func describe(report domain.AdminReport) string {
	user, state := report.User, "active"
	if !user.IsActive {
		state = "inactive"
	}
	return fmt.Sprintf("%s exists already (%s): role %s, %s\n%s",
		user.Email, user.ID, user.Role, state, history(report))
}

func history(report domain.AdminReport) string {
	text := fmt.Sprintf("  created    %s\n", report.User.CreatedAt.UTC().Format(time.RFC3339))
	last := report.LastSession
	if last == nil {
		return text + "  last used  no session is on record\n"
	}
	from := ""
	if last.IP != nil {
		from = " from " + last.IP.String()
	}
	used := last.LastUsedAt.UTC().Format(time.RFC3339)
	return text + fmt.Sprintf("  last used  %s%s by %q\n", used, from, last.UserAgent)
}

func seedCommand(ctx context.Context, args []string, stdout io.Writer) error {
	if len(args) > 0 {
		return cli.ErrUsage
	}
	return withUsers(ctx, func(users *domain.UserService, cfg config.Config) error {
		return seed(ctx, users, cfg.Environment, stdout)
	})
}

// demoPassword is that of the examples in the contract, so that the documentation can be tried. It is
// public, so seeding is refused in production.
const demoPassword = "correct horse battery staple"

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
