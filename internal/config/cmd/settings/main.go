// Command settings writes the documentation of the settings from their table, below the
// hand-written head of each file.
package main

import (
	"fmt"
	"os"

	"example.com/plinth/internal/config"
	"example.com/plinth/kit/settings/settingsdoc"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: settings TABLE.go DOTENV PAGE")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "settings:", err)
		os.Exit(1)
	}
}

func run(table, dotEnv, page string) error {
	document, err := settingsdoc.New(new(config.Config), table)
	if err != nil {
		return err
	}
	if err := update(dotEnv, settingsdoc.DotEnvMark, document.DotEnv()); err != nil {
		return err
	}
	return update(page, settingsdoc.PageMark, document.Page())
}

func update(path, mark, sections string) error {
	file, err := os.ReadFile(path) //nolint:gosec // G304: the caller names the file to update
	if err != nil {
		return err
	}
	return os.WriteFile(path, settingsdoc.WithHead(file, mark, sections), 0o644) //nolint:gosec // G306: it is documentation
}
