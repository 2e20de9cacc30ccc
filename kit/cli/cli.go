package cli

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
)

// UsageError is a mistake in the command line. Its text may be empty.
type UsageError string

// ErrUsage is a mistake that the help explains.
const ErrUsage = UsageError("")

// Error implements error.
func (e UsageError) Error() string { return string(e) }

// Finish prints the result of a command and returns its exit status: 0 for success and for
// flag.ErrHelp, which prints help; 2 for a [UsageError], which prints help on stderr; 1 for another
// error.
func Finish(err error, help string, stdout, stderr io.Writer) int {
	usage, isUsage := errors.AsType[UsageError](err)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, help)
		return 0
	case isUsage && usage == ErrUsage:
		fmt.Fprint(stderr, help)
		return 2
	case isUsage:
		fmt.Fprintf(stderr, "%v\n\n%s", err, help)
		return 2
	}
	fmt.Fprintln(stderr, err)
	return 1
}

// Command returns the only argument, or usual if there is none. It fails with [ErrUsage] for several
// arguments, and with flag.ErrHelp for help, -h and --help.
func Command(args []string, usual string) (string, error) {
	switch len(args) {
	case 0:
		return usual, nil
	case 1:
		if slices.Contains([]string{"help", "-h", "--help"}, args[0]) {
			return "", flag.ErrHelp
		}
		return args[0], nil
	}
	return "", ErrUsage
}

// NewFlags returns an empty set of flags that prints nothing.
func NewFlags() *flag.FlagSet {
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	return flags
}

// Parse parses flags and the n arguments after them. It fails with [ErrUsage] or flag.ErrHelp.
func Parse(flags *flag.FlagSet, args []string, n int) ([]string, error) {
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return nil, err
	}
	if err != nil || flags.NArg() != n {
		return nil, ErrUsage
	}
	return flags.Args(), nil
}

// ParseMixed parses flags in any position, and returns the other arguments, at most most. It fails
// with a [UsageError] or flag.ErrHelp.
func ParseMixed(flags *flag.FlagSet, args []string, most int) ([]string, error) {
	var others []string
	for {
		err := flags.Parse(args)
		switch {
		case errors.Is(err, flag.ErrHelp):
			return nil, err
		case err != nil:
			return nil, UsageError(err.Error())
		case flags.NArg() == 0:
			return others, nil
		case len(others) == most:
			return nil, UsageError(fmt.Sprintf("unexpected argument %q", flags.Arg(0)))
		}
		others = append(others, flags.Arg(0))
		args = flags.Args()[1:]
	}
}
