package main

import (
	"context"
	"io"

	"example.com/plinth/kit/devrun"
)

// execute runs a program with the settings that it needs in its environment. It does not migrate,
// because the program may be the one that migrates or repairs.
func execute(ctx context.Context, args []string, stderr io.Writer) error {
	return withDatabase(ctx, stderr, func(ctx context.Context, dev development) error {
		return devrun.Exec(ctx, args,
			"ENVIRONMENT="+string(dev.cfg.Environment),
			"DATABASE_URL="+dev.cfg.DatabaseURL.Reveal(),
			"JWT_SECRET="+dev.cfg.JWTSecret.Reveal(),
		)
	})
}
