package main

import (
	"strings"
	"testing"

	"example.com/plinth/internal/config"
	"example.com/plinth/kit/migrator/migratecli"
)

// loadFrom loads the settings from an environment.
func loadFrom(environ map[string]string) (migratecli.Settings, error) {
	return load(func(options config.Options) (config.Config, error) {
		options.DotEnv = ""
		return config.LoadFrom(environ, options)
	})
}

func TestRequiredSettings(t *testing.T) {
	t.Parallel()
	_, err := loadFrom(map[string]string{"ENVIRONMENT": "production"})
	if err == nil || !strings.Contains(err.Error(), "DATABASE_URL: is required") ||
		strings.Contains(err.Error(), "JWT") {
		t.Errorf("got %v, want only DATABASE_URL", err)
	}
}

func TestUnsetEnvironmentIsProduction(t *testing.T) {
	t.Parallel()
	for environment, want := range map[string]bool{"": true, "production": true, "development": false} {
		settings, err := loadFrom(map[string]string{
			"ENVIRONMENT":  environment,
			"DATABASE_URL": "postgres://ann@localhost/db",
		})
		if err != nil || settings.IsProduction != want {
			t.Errorf("%q: production %t, want %t (%v)", environment, settings.IsProduction, want, err)
		}
	}
}

// Migrations may run as another role, and never through a pooler of transactions.
func TestWhereMigrationsConnect(t *testing.T) {
	t.Parallel()
	const direct, server = "postgres://owner@127.0.0.1/db", "postgres://ann@127.0.0.1/db"
	for name, tc := range map[string]struct {
		environ               map[string]string
		origin, service, want string
	}{
		"the only URL": {map[string]string{"DATABASE_URL": direct}, "DATABASE_URL (from environment)", "", ""},
		"not that of the server": {
			map[string]string{"DATABASE_URL": server, "MIGRATE_DATABASE_URL": direct},
			"MIGRATE_DATABASE_URL (from environment)", server, "",
		},
		"without that of the server": {
			map[string]string{"MIGRATE_DATABASE_URL": direct}, "MIGRATE_DATABASE_URL (from environment)", "", "",
		},
		"past a pooler": {
			map[string]string{"DATABASE_URL": server, "DATABASE_POOLER": "transaction", "MIGRATE_DATABASE_URL": direct},
			"MIGRATE_DATABASE_URL (from environment)", server, "",
		},
		"not through a pooler": {
			map[string]string{"DATABASE_URL": direct, "DATABASE_POOLER": "transaction"},
			"", "", "MIGRATE_DATABASE_URL: is required, to connect past the pooler",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings, err := loadFrom(tc.environ)
			if tc.want != "" {
				if err == nil || !strings.Contains(err.Error(), tc.want) {
					t.Errorf("got %v, want %s", err, tc.want)
				}
				return
			}
			if err != nil || settings.DatabaseURL != direct || settings.Origin != tc.origin ||
				settings.ServiceURL != tc.service {
				t.Errorf("got %+v, %v", settings, err)
			}
		})
	}
}
