package devrun

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"example.com/plinth/kit/devdb"
)

// ExplainPort is [CheckPort] with an error that says what to do, for a command that is run with
// make run.
func ExplainPort(ctx context.Context, host string, port int) error {
	err := CheckPort(ctx, host, port)
	if errors.Is(err, ErrPortTaken) {
		return fmt.Errorf("port %d is taken: stop what listens there (lsof -i :%[1]d), or choose another: "+
			"PORT=%d make run", port, port+1)
	}
	if err != nil {
		return fmt.Errorf("HOST and PORT: %w", err)
	}
	return nil
}

// Welcome is what a command prints when the service listens.
type Welcome struct {
	AppName string
	Docs    string // the path of the documentation; empty: none
	// TryIt are commands for a shell, with BASE_URL for the base URL of the service.
	TryIt string
	// Data is the folder of the embedded database; empty if DATABASE_URL names another database.
	Data string
}

// Print prints the addresses and the commands. metrics is nil if they are off. It writes once,
// because the log goes to the same terminal.
func (w Welcome) Print(terminal io.Writer, api, metrics net.Addr) {
	text := &bytes.Buffer{}
	base := "http://" + api.String()
	fmt.Fprintf(text, "\n  %s is running.\n\n  API      %s\n", w.AppName, base)
	if w.Docs != "" {
		fmt.Fprintf(text, "  Docs     %s%s\n", base, w.Docs)
	}
	if metrics != nil {
		fmt.Fprintf(text, "  Metrics  http://%s/metrics\n", metrics)
	}
	fmt.Fprintf(text, "\n%s", strings.ReplaceAll(w.TryIt, "BASE_URL", base))
	data := "the database of DATABASE_URL"
	if w.Data != "" {
		data = ShortPath(w.Data)
	}
	fmt.Fprintf(text, "\n  Stop with Ctrl-C. Data stays in %s.\n\n", data)
	_, _ = text.WriteTo(terminal) // without a reader the text is lost
}

// Reset deletes the embedded database in a folder, or prints what it would delete.
func Reset(stdout io.Writer, dir string, sure bool) error {
	if !sure {
		found, err := devdb.Dir(dir)
		if err == nil {
			const text = "This deletes the development database in %s with all its data: make reset YES=1\n"
			fmt.Fprintf(stdout, text, found)
		}
		return err
	}
	deleted, err := devdb.Remove(dir)
	switch {
	case errors.Is(err, devdb.ErrInUse):
		return fmt.Errorf("%w: stop make run first", err)
	case err == nil:
		fmt.Fprintf(stdout, "Deleted %s. make run starts with an empty database.\n", deleted)
	}
	return err
}
