// Command migrate moves the database schema between versions, and prints its state. kit/migrator
// does the work. It needs no settings but ENVIRONMENT and MIGRATE_DATABASE_URL or DATABASE_URL.
package main

import (
	"os"

	"example.com/plinth/db"
	"example.com/plinth/internal/config"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/kit/cli"
	"example.com/plinth/kit/migrator/migratecli"
	"example.com/plinth/kit/settings"
)

func main() {
	program := migratecli.Program{
		Files: db.Migrations(), Grants: pgstore.Grants(), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Load: func() (migratecli.Settings, error) { return load(config.Load) },
	}
	os.Exit(program.Run(cli.SignalContext(), os.Args[1:]))
}

// load reads the settings of a migration, which needs no secrets of the server.
func load(load func(config.Options) (config.Config, error)) (migratecli.Settings, error) {
	cfg, err := load(config.Options{DotEnv: ".env", Optional: []string{"JWT_SECRET", "JWT_KEYS_FILE", "DATABASE_URL"}})
	if err != nil {
		return migratecli.Settings{}, err
	}
	name, databaseURL, err := direct(cfg)
	if err != nil {
		return migratecli.Settings{}, err
	}
	migrating := migratecli.Settings{
		DatabaseURL: databaseURL.Reveal(), Origin: cfg.Origin(name), IsProduction: cfg.Environment == config.Production,
	}
	if cfg.MigrateDatabaseURL.IsSet() && cfg.DatabaseURL.IsSet() {
		migrating.ServiceURL, migrating.ServiceOrigin = cfg.DatabaseURL.Reveal(), cfg.Origin("DATABASE_URL")
	}
	return migrating, nil
}

// direct returns the URL to migrate with and the name of its setting. It never leads through a
// pooler of transactions: migrations hold a lock of their session, which such a pooler lends to
// other clients.
func direct(cfg config.Config) (name string, databaseURL settings.URL, err error) {
	problem := settings.Problem{Name: "DATABASE_URL", Detail: "is required, or MIGRATE_DATABASE_URL in its place"}
	switch {
	case cfg.MigrateDatabaseURL.IsSet():
		return "MIGRATE_DATABASE_URL", cfg.MigrateDatabaseURL, nil
	case cfg.DatabasePooler == config.PoolerTransaction:
		problem = settings.Problem{
			Name:   "MIGRATE_DATABASE_URL",
			Detail: "is required, to connect past the pooler, as DATABASE_POOLER is " + cfg.DatabasePooler,
		}
	case cfg.DatabaseURL.IsSet():
		return "DATABASE_URL", cfg.DatabaseURL, nil
	}
	return "", settings.URL{}, &settings.Error{Problems: []settings.Problem{problem}}
}
