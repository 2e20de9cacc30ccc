// Command scaffold writes a copy of this project under another name, the start of a service of your own, and brings such
// a copy to a later version.
//
// It owns the command line and the words for its user; the packages below do the work.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"example.com/plinth/tools/scaffold/internal/rename"
	"example.com/plinth/tools/scaffold/internal/slice"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // so that a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run returns the exit status: 0, 1 for a failure, 2 for a command line that makes no sense.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	command := runNew
	if len(args) > 0 && args[0] == "update" {
		command, args = runUpdate, args[1:]
	}
	err := command(ctx, args, stdout, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, errUsage):
		return 2
	case err != nil:
		fmt.Fprintf(stderr, "scaffold: %v\n", err)
		return 1
	}
	return 0
}

// errUsage says that the usage was printed.
var errUsage = errors.New("usage")

// parse reads flags, and fails with errUsage if they make no sense or a required one is missing.
func parse(flags *flag.FlagSet, args []string, required ...*string) error {
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return err
	case err != nil:
		return errUsage
	}
	for _, value := range required {
		if *value == "" || flags.NArg() > 0 {
			flags.Usage()
			return errUsage
		}
	}
	return nil
}

const newUsage = `Usage: make new DIR=FOLDER MODULE=PATH [NAME=NAME] [WITHOUT=SLICES] [GIT=no]

Writes a copy of this project into FOLDER, under the module path PATH and a name that is made from it:
github.com/acme/order-desk becomes OrderDesk in prose, orderdesk as the database, image and folder.

WITHOUT leaves parts out, separated by commas; all leaves all of them out:
`

func runNew(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("scaffold", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, newUsage)
		printSlices(stderr, slice.All())
	}
	source := flags.String("source", "../..", "the root of the project to copy")
	dir := flags.String("dir", "", "the folder to write, new or empty; relative to the project's root")
	module := flags.String("module", "", "the module path of the copy, such as github.com/acme/orders")
	name := flags.String("name", "", "the name of the copy, letters and digits (default: made from the module path)")
	without := flags.String("without", "", "the slices to leave out, separated by commas")
	from := flags.String("from", "", "the URL of this project, for later updates (default: that of the remote origin)")
	noGit := flags.Bool("no-git", false, "do not make the copy a git repository")
	if err := parse(flags, args, dir, module); err != nil {
		return err
	}
	choice, err := slice.Without(fields(*without)...)
	if err != nil {
		return err
	}
	taken, err := rename.Identifiers(*source)
	if err != nil {
		return err
	}
	names, err := rename.NewNames(*module, *name, taken)
	if err != nil {
		return err
	}
	c := creation{names: names, choice: choice, from: *from, git: !*noGit, out: stdout}
	return c.create(ctx, *source, *dir)
}

// fields returns the words of a list that commas or spaces separate.
func fields(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

func printSlices(out io.Writer, list []slice.Slice) {
	for _, s := range list {
		needs := ""
		if len(s.Needs) > 0 {
			needs = " (needs " + strings.Join(s.Needs, ", ") + ")"
		}
		fmt.Fprintf(out, "  %-14s %s%s\n", s.Name, s.Title, needs)
	}
}

// target returns dir as an absolute path. Shells leave the ~ in DIR=~/orders as it is.
func target(source, dir string) (string, error) {
	if rest, ok := strings.CutPrefix(dir, "~/"); ok {
		home, err := os.UserHomeDir()
		return filepath.Join(home, rest), err
	}
	if filepath.IsAbs(dir) {
		return filepath.Clean(dir), nil
	}
	return filepath.Join(source, dir), nil
}
