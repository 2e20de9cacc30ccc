package settingsdoc_test

import (
	"fmt"

	"example.com/plinth/kit/settings"
	"example.com/plinth/kit/settings/settingsdoc"
)

// Config is the table of a program.
type Config struct {
	// How strict the program is.
	Environment settings.Environment `envconfig:"ENVIRONMENT" default:"production" section:"Application"`
	// The port to listen on.
	Port int `envconfig:"PORT" default:"8000" range:"1..65535"`
}

func Example() {
	document, err := settingsdoc.New(new(Config), "example_test.go")
	if err != nil {
		fmt.Println(err)
		return
	}
	file := "# Copy this file to .env.\n\n# --- Old ---\n\n#OLD=1\n"
	fmt.Printf("%s", settingsdoc.WithHead([]byte(file), settingsdoc.DotEnvMark, document.DotEnv()))

	// Output:
	// # Copy this file to .env.
	//
	// # --- Application ---
	//
	// # How strict the program is.
	// #ENVIRONMENT=production
	// # The port to listen on.
	// # Value: a whole number from 1 to 65535.
	// #PORT=8000
}
