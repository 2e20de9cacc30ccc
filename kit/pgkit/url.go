package pgkit

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// ConnectTimeout bounds each attempt to connect, unless a URL says otherwise.
const ConnectTimeout = 5 * time.Second

// ErrDatabaseURL means that a URL cannot be parsed. Its text quotes nothing of the URL, which may
// hold a password anywhere.
var ErrDatabaseURL = errors.New("the database URL is malformed: want postgres://user:password@host:5432/database, " +
	"special characters percent-encoded and parameters such as sslmode spelled right")

// ParseURL parses the URL of a database, including the parameters of pgxpool. It fails with
// [ErrDatabaseURL].
func ParseURL(databaseURL string) (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(databaseURL)
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return nil, fmt.Errorf("%w; it needs a file: %w", ErrDatabaseURL, path)
	}
	if err != nil {
		return nil, ErrDatabaseURL // the text of pgx may hold the password
	}
	return config, nil
}
