// Command scaffold writes a copy of this project under another name: the start of a service of your own.
//
// It owns the command line and the words for its user; internal/rename does the work.
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
	"time"

	"example.com/plinth/tools/scaffold/internal/rename"
)

const usage = `Usage: make new DIR=FOLDER MODULE=PATH [NAME=NAME] [GIT=1]
   or: scaffold -dir FOLDER -module PATH [-name NAME] [-git]

Writes a copy of this project into FOLDER, under the module path PATH and a name that is made from it:
github.com/acme/order-desk becomes OrderDesk in prose, orderdesk as the database, image and folder.

`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // so that a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run returns the exit status: 0, 1 for a failure, 2 for a command line that makes no sense.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("scaffold", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	source := flags.String("source", "../..", "the root of the project to copy")
	dir := flags.String("dir", "", "the folder to write, new or empty; relative to the project's root")
	module := flags.String("module", "", "the module path of the copy, such as github.com/acme/orders")
	name := flags.String("name", "", "the name of the copy, letters and digits (default: made from the module path)")
	initGit := flags.Bool("git", false, "make the copy a git repository")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case flags.NArg() > 0, *dir == "", *module == "":
		flags.Usage()
		return 2
	}
	taken, err := rename.Identifiers(*source)
	var names rename.Names
	if err == nil {
		names, err = rename.NewNames(*module, *name, taken)
	}
	if err == nil {
		err = create(ctx, *source, *dir, names, *initGit, stdout)
	}
	if err != nil {
		fmt.Fprintf(stderr, "scaffold: %v\n", err)
		return 1
	}
	return 0
}

func create(ctx context.Context, source, dir string, names rename.Names, initGit bool, stdout io.Writer) error {
	source, err := filepath.Abs(source)
	if err != nil {
		return err
	}
	if dir, err = target(source, dir); err != nil {
		return err
	}
	year := time.Now().Year() //nolint:forbidigo // this is where the program is put together
	count, err := rename.Copy(ctx, source, dir, names, year)
	if err != nil {
		return err
	}
	start := "git init && git add --all"
	if initGit {
		if err := rename.InitGit(ctx, dir); err != nil {
			return err
		}
		start = "git add --all"
	}
	fmt.Fprintf(stdout, `%[1]s is in %[2]s: %[4]d files, module %[3]s.
In the image, the database and the names of folders it is called %[5]s.

Next:
  cd %[7]s
  make run     # the API, on a database of its own
  make test
  %[6]s && git commit --message "Start %[1]s"

README.md says how to add a resource of your own. LICENSE is MIT and names the %[1]s authors: make it yours.
`, names.Title, dir, names.Module, count, names.Slug, start, quote(dir))
	return nil
}

// quote returns text as one word of a shell.
func quote(text string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-", r)
	}
	if !strings.ContainsFunc(text, func(r rune) bool { return !plain(r) }) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
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
