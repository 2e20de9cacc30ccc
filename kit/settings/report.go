package settings

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// Source says where a setting came from.
type Source string

// The sources, the strongest first.
const (
	SourceEnvironment Source = "environment"
	SourceDotEnv      Source = ".env"
	// SourceProgram stands for [Options.Fallbacks].
	SourceProgram Source = "program"
	SourceDefault Source = "default"
)

// Setting is one effective setting, fit to be shown: secrets are redacted.
type Setting struct {
	Name   string
	Value  string
	Source Source
}

// Settings returns all settings in the order of .env.example.
func (c Config) Settings() []Setting { return slices.Clone(c.settings) }

// Print writes one NAME=value a line, each followed by its source as a comment, and the warnings as comments.
func (c Config) Print(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, s := range c.settings {
		if _, err := fmt.Fprintf(table, "%s=%s\t# %s\n", s.Name, s.Value, s.Source); err != nil {
			return fmt.Errorf("printing settings: %w", err)
		}
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("printing settings: %w", err)
	}
	for _, warning := range c.warnings {
		if _, err := fmt.Fprintf(w, "# WARNING %s: %s\n", warning.Name, warning.Detail); err != nil {
			return fmt.Errorf("printing settings: %w", err)
		}
	}
	return nil
}
