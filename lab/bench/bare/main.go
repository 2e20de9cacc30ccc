// Command bare is the baseline of the benchmarks: the same stack without features. One handler
// verifies a token with golang-jwt, runs one prepared SELECT and returns JSON; another only returns
// JSON. There is no middleware.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/labstack/echo/v4"
)

// user has the members of the API's users.
type user struct {
	ID        string    `json:"id"`
	Email     string    `json:"email"`
	Name      *string   `json:"name"`
	Role      string    `json:"role"`
	IsActive  bool      `json:"is_active"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`

	EmailVerifiedAt *time.Time `json:"email_verified_at"`
	PendingEmail    *string    `json:"pending_email"`
}

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run serves on an address with a database URL and a JWT secret.
func run(ctx context.Context, args []string) error {
	if len(args) != 3 {
		return errors.New("usage: bare ADDRESS DATABASE_URL JWT_SECRET")
	}
	pool, err := pgxpool.New(ctx, args[1])
	if err != nil {
		return fmt.Errorf("opening the pool: %w", err)
	}
	defer pool.Close()

	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.GET("/health", func(c echo.Context) error { return c.JSON(http.StatusOK, map[string]string{"status": "ok"}) })
	e.GET("/api/v1/users/me", currentUser(pool, []byte(args[2]))) //nolint:contextcheck // uses the request's context
	server := &http.Server{Addr: args[0], Handler: e, ReadHeaderTimeout: 5 * time.Second}
	return server.ListenAndServe()
}

func currentUser(pool *pgxpool.Pool, secret []byte) echo.HandlerFunc {
	const query = `SELECT id, email, name, role, is_active, created_at, updated_at, email_verified_at, pending_email
		FROM users WHERE id = $1`
	key := func(*jwt.Token) (any, error) { return secret, nil } //nolint:unparam // golang-jwt requires the signature
	return func(c echo.Context) error {
		bearer := strings.TrimPrefix(c.Request().Header.Get(echo.HeaderAuthorization), "Bearer ")
		var claims jwt.RegisteredClaims
		if _, err := jwt.ParseWithClaims(bearer, &claims, key, jwt.WithValidMethods([]string{"HS256"})); err != nil {
			return echo.NewHTTPError(http.StatusUnauthorized)
		}
		var u user
		err := pool.QueryRow(c.Request().Context(), query, claims.Subject).
			Scan(&u.ID, &u.Email, &u.Name, &u.Role, &u.IsActive, &u.CreatedAt, &u.UpdatedAt, &u.EmailVerifiedAt, &u.PendingEmail)
		if err != nil {
			return err
		}
		return c.JSON(http.StatusOK, u)
	}
}
