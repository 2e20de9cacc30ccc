package settings_test

import (
	"fmt"
	"os"
	"time"

	"example.com/plinth/kit/settings"
)

// Config is the table of a program.
type Config struct {
	// How strict the program is.
	Environment settings.Environment `envconfig:"ENVIRONMENT" default:"production" oneof:"development staging production"`
	// The port to listen on.
	Port int `envconfig:"PORT" default:"8000" range:"1..65535"`
	// Days until a session ends.
	SessionTTL time.Duration `envconfig:"SESSION_DAYS" default:"30" range:"1..365" unit:"24h"`
	// The key that signs tokens.
	Key settings.Secret `envconfig:"SIGNING_KEY" required:"true" kind:"key"`

	settings.Report
}

func Example() {
	load := func(environ map[string]string) (Config, error) { // a program passes settings.Environ(new(Config))
		var cfg Config
		r, err := settings.Read(&cfg, environ, settings.Options{})
		if err != nil {
			return Config{}, err
		}
		if r.Valid("PORT", "SESSION_DAYS") && cfg.Port == 22 && cfg.SessionTTL > 24*time.Hour {
			r.Problem("SESSION_DAYS", "must be 1 on port 22")
		}
		cfg.Report, err = r.Report()
		return cfg, err
	}

	_, err := load(map[string]string{"PORT": "0", "SIGNING_KEY": "short"})
	fmt.Println(err)

	cfg, err := load(map[string]string{"PORT": "80", "SIGNING_KEY": "6f1c0e9ab27d4835f0a9d3c47b8e2165"})
	fmt.Println(cfg.Port, cfg.SessionTTL, cfg.Key, err)
	_ = cfg.Print(os.Stdout)

	// Output:
	// invalid configuration:
	//   PORT: must be a whole number from 1 to 65535, got "0"
	//   SIGNING_KEY: must be at least 32 bytes, got 5
	// 80 720h0m0s [redacted] <nil>
	// ENVIRONMENT=production  # default
	// PORT=80                 # environment
	// SESSION_DAYS=30         # default
	// SIGNING_KEY=[redacted]  # environment
}
