package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"

	"example.com/plinth/tools/scaffold/internal/rename"
	"example.com/plinth/tools/scaffold/internal/slice"
)

// creation is a copy that is being made.
type creation struct {
	names  rename.Names
	choice slice.Choice
	from   string
	git    bool
	out    io.Writer
}

func (c creation) create(ctx context.Context, source, dir string) error {
	source, err := filepath.Abs(source)
	if err != nil {
		return err
	}
	if dir, err = target(source, dir); err != nil {
		return err
	}
	options := rename.Options{Names: c.names, Choice: c.choice, From: c.from}
	if c.choice.NeedsGenerate() {
		fmt.Fprintln(c.out, "Generating code without the parts that are left out: a minute the first time.")
		options.Finish = generate
	}
	report, err := rename.Copy(ctx, source, dir, options)
	if err != nil {
		return err
	}
	commit := "git init && git add --all && git commit --message " + quote("Start "+c.names.Title)
	if c.git {
		err := rename.InitGit(ctx, dir, "Start "+c.names.Title)
		switch {
		case err == nil:
			commit = ""
		case errors.Is(err, exec.ErrNotFound):
			fmt.Fprintln(c.out, "git is not installed: the copy is not a repository yet.")
		default:
			return fmt.Errorf("%s is complete, but no repository: %w", dir, err)
		}
	}
	c.print(dir, commit, report)
	return nil
}

func (c creation) print(dir, commit string, report rename.Report) {
	fmt.Fprintf(c.out, `%s is in %s: %d files, module %s.
Its image, its database and its folders are called %s.
`, c.names.Title, dir, report.Files, c.names.Module, c.names.Slug)
	if report.Dirty {
		fmt.Fprintln(c.out, "WARNING: it has uncommitted changes of the starter, which make update will take for yours.")
	}
	if left := c.choice.Left(); len(left) > 0 {
		fmt.Fprintln(c.out, "\nLeft out; make update FROM=… ADD=NAME adds one later:")
		printSlices(c.out, left)
	}
	fmt.Fprintf(c.out, "\nNext:\n  cd %s\n  make run     # the API with its own database\n  make test\n", quote(dir))
	if commit != "" {
		fmt.Fprintf(c.out, "  %s\n", commit)
	}
	fmt.Fprintln(c.out, "\nFill in the year and the holder in LICENSE, which is MIT. README.md describes how to add a resource, docs/updates.md how to get\nlater versions of the starter.")
}

// generate writes the generated code of a copy anew, and removes what go.mod no longer needs.
func generate(ctx context.Context, dir string) error {
	for _, command := range [][]string{{"kit/scripts/generate.sh"}, {"go", "mod", "tidy"}} {
		run := exec.CommandContext(ctx, command[0], command[1:]...) //nolint:gosec // G204: a fixed list
		run.Dir = dir
		if !strings.Contains(command[0], "/") {
			run.Env = append(run.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod")
		} else {
			run.Path = filepath.Join(dir, command[0])
		}
		if out, err := run.CombinedOutput(); err != nil {
			return fmt.Errorf("%s in the copy: %w\n%s", strings.Join(command, " "), err, out)
		}
	}
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
