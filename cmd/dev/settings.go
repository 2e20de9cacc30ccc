package main

import (
	"errors"
	"io"

	"example.com/plinth/internal/config"
	"example.com/plinth/kit/devrun"
)

// secretFile has the secret of this checkout.
const secretFile = dataDir + "/jwt_secret"

// load reads the settings of development, and returns the options that it used.
func load() (config.Config, config.Options, error) {
	fallbacks, err := developmentDefaults()
	if err != nil {
		return config.Config{}, config.Options{}, err
	}
	options := config.Options{DotEnv: ".env", Fallbacks: fallbacks, Optional: []string{"DATABASE_URL"}}
	cfg, err := config.Load(options)
	if err == nil && cfg.Environment != config.Development {
		err = errors.New("dev is for development only, and ENVIRONMENT is " + string(cfg.Environment) + ": run server")
	}
	return cfg, options, err
}

// developmentDefaults are settings for development only. The first run generates the secret.
func developmentDefaults() (map[string]string, error) {
	secret, err := devrun.Secret(secretFile)
	if err != nil {
		return nil, err
	}
	return map[string]string{
		"ENVIRONMENT":  string(config.Development),
		"JWT_SECRET":   secret,
		"LOG_FORMAT":   "text",
		"CORS_ORIGINS": "http://localhost:3000,http://localhost:5173",
	}, nil
}

func printConfig(stdout io.Writer) error {
	cfg, _, err := load()
	if err != nil {
		return err
	}
	return cfg.Print(stdout)
}
