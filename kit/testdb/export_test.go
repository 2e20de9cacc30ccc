package testdb

import "context"

// Running is a test server that runs.
type Running = server

// Open does what the first test of a binary does, with slots in a folder.
func Open(ctx context.Context, options Options, slots string) (*Running, error) {
	return open(ctx, options, slots)
}

// Close does what the end of the binary does.
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

// URLOf returns the URL of a database.
func (s *server) URLOf(name string) string { return s.url(name) }

// TemplateName returns the name of the template of the current migrations.
func (s *server) TemplateName() (string, error) { return s.templateName() }
