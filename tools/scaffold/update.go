package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"

	"example.com/plinth/tools/scaffold/internal/record"
	"example.com/plinth/tools/scaffold/internal/slice"
	"example.com/plinth/tools/scaffold/internal/update"
)

const updateUsage = `Usage, in a copy: make update FROM=PATH-OR-URL[@REVISION] [ADD=SLICES] [DROP=SLICES]

Merges a later version of the starter into the copy, on a branch of its own. ADD and DROP change which parts it has:
`

func runUpdate(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("scaffold update", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, updateUsage)
		printSlices(stderr, slice.All())
	}
	project := flags.String("project", "", "the root of the copy")
	source := flags.String("source", "../..", "a repository of the starter")
	commit := flags.String("commit", "HEAD", "the revision to update to")
	add := flags.String("add", "", "slices to add, separated by commas")
	drop := flags.String("drop", "", "slices to remove, separated by commas")
	if err := parse(flags, args, project); err != nil {
		return err
	}
	err := update.Run(ctx, update.Options{
		Project: *project, Source: *source, Commit: *commit, Add: fields(*add), Drop: fields(*drop),
		Render: render, Out: stdout,
	})
	if errors.Is(err, update.ErrConflicts) {
		return errors.New("resolve the conflicts as described above")
	}
	return err
}

// render has each version of the starter write the copy by its own program.
func render(ctx context.Context, source, dir string, as record.Record, without []string) error {
	command := exec.CommandContext(ctx, "go", "run", ".", //nolint:gosec // G204: the user's own record
		"-source", source, "-dir", dir, "-module", as.Module, "-name", as.Name,
		"-without", strings.Join(without, ","), "-from", as.Source, "-no-git")
	command.Dir = filepath.Join(source, "tools", "scaffold")
	command.Env = append(command.Environ(), "GOWORK=off")
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
}
