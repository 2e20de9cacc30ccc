package cli_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"example.com/plinth/kit/cli"
)

func TestFinish(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err            error
		status         int
		stdout, stderr string
	}{
		"success":  {nil, 0, "", ""},
		"help":     {errors.Join(flag.ErrHelp, cli.ErrUsage), 0, "help\n", ""},
		"usage":    {fmt.Errorf("x: %w", cli.ErrUsage), 2, "", "help\n"},
		"a reason": {fmt.Errorf("x: %w", cli.UsageError("no name")), 2, "", "x: no name\n\nhelp\n"},
		"failure":  {errors.New("disk full"), 1, "", "disk full\n"},
	} {
		var stdout, stderr strings.Builder
		status := cli.Finish(test.err, "help\n", &stdout, &stderr)
		if status != test.status || stdout.String() != test.stdout || stderr.String() != test.stderr {
			t.Errorf("%s: status %d, %q and %q", name, status, stdout.String(), stderr.String())
		}
	}
}

func TestCommand(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"": "serve", "version": "version", "help": "help", "-h": "help", "--help": "help", "serve now": "usage",
	} {
		got, err := cli.Command(strings.Fields(args), "serve")
		switch {
		case errors.Is(err, flag.ErrHelp):
			got = "help"
		case errors.Is(err, cli.ErrUsage):
			got = "usage"
		}
		if got != want {
			t.Errorf("%q: got %s, want %s", args, got, want)
		}
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	for args, test := range map[string]struct{ before, mixed string }{
		"a b": {"[a b] false", "[a b] false"}, "--yes a b": {"[a b] true", "[a b] true"},
		"a --yes b": {"usage", "[a b] true"}, "a b c": {"usage", "usage"}, "a": {"usage", "[a] false"},
		"--no a b": {"usage", "usage"}, "-h": {"help", "help"}, "a b -h": {"usage", "help"},
	} {
		for parse, want := range map[*func(*flag.FlagSet, []string, int) ([]string, error)]string{
			new(cli.Parse): test.before, new(cli.ParseMixed): test.mixed,
		} {
			flags := cli.NewFlags()
			yes := flags.Bool("yes", false, "")
			others, err := (*parse)(flags, strings.Fields(args), 2)
			got := fmt.Sprint(others, " ", *yes)
			if _, isUsage := errors.AsType[cli.UsageError](err); isUsage {
				got = "usage"
			} else if errors.Is(err, flag.ErrHelp) {
				got = "help"
			}
			if got != want {
				t.Errorf("%s: got %s, want %s", args, got, want)
			}
		}
	}
}

func TestParseDays(t *testing.T) {
	t.Parallel()
	if age, err := cli.ParseDays("365d"); err != nil || age != 365*24*time.Hour {
		t.Errorf("got %s, %v", age, err)
	}
	for _, text := range []string{"", "d", "365", "-1d", "1y", "1.5d", "99999999d"} {
		if age, err := cli.ParseDays(text); err == nil {
			t.Errorf("%q is parsed as %s", text, age)
		}
	}
}

func TestReadPassword(t *testing.T) {
	t.Parallel()
	for _, stdin := range []string{"secret\n", "secret\r\n", "secret", "secret\nmore\n"} {
		if password, isRandom, err := cli.ReadPassword(strings.NewReader(stdin)); password != "secret" || isRandom || err != nil {
			t.Errorf("%q: got %q, %t, %v", stdin, password, isRandom, err)
		}
	}
	terminal, err := os.Open(os.DevNull) // a character device, as a terminal is
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close() //nolint:errcheck // nothing was written
	var passwords []string
	for _, read := range []func() (string, bool, error){
		func() (string, bool, error) { return cli.ReadPassword(strings.NewReader("")) },
		func() (string, bool, error) { return cli.ReadPassword(strings.NewReader("\n")) },
		func() (string, bool, error) { return cli.ReadPassword(terminal) },
	} {
		password, isRandom, err := read()
		if len(password) != 26 || !isRandom || err != nil || slices.Contains(passwords, password) {
			t.Errorf("got %q, %t, %v", password, isRandom, err)
		}
		passwords = append(passwords, password)
	}
	broken := iotest.ErrReader(errors.New("input/output error"))
	if _, _, err := cli.ReadPassword(broken); err == nil || !strings.Contains(err.Error(), "reading the password") {
		t.Errorf("got %v", err)
	}
}
