package testdb

import (
	"context"
)

// Server is a test server as the package sees it.
type Server = server

// Open is what the first test of a binary does.
func Open(ctx context.Context, databaseURL, slots string) (*Server, error) {
	return open(ctx, settings{databaseURL: databaseURL, slots: slots})
}

// Close is what the end of the binary does.
func (s *server) Close() error {
	s.admin.Close()
	if s.own == nil {
		return nil
	}
	return s.own.Stop()
}

// Database creates a migrated database and returns its name.
func (s *server) Database(ctx context.Context) (string, error) {
	template, err := s.migratedTemplate(ctx)
	if err != nil {
		return "", err
	}
	return s.create(ctx, template)
}

// URLOf is the URL of a database.
func (s *server) URLOf(name string) string { return s.url(name) }

// TemplateName is the name of the template of the current migrations.
func TemplateName() (string, error) { return templateName() }
