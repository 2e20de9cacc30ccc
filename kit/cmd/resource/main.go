// Command resource adds a resource to a service, see kit/resource: it writes the sources, generates
// code from them and runs the tests. If anything fails, it leaves the project as it was.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"example.com/plinth/kit/resource"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c command
	flag.StringVar(&c.dir, "root", ".", "the folder of the project")
	flag.StringVar(&c.spec.Name, "name", "", "NAME: the resource in the singular, such as note")
	flag.StringVar(&c.spec.Plural, "plural", "", "PLURAL: its plural, if it is an unusual one")
	flag.StringVar(&c.spec.Fields, "fields", "", "FIELDS: such as \"title:string:1..200 body:text?\"")
	flag.StringVar(&c.spec.Owner, "owner", "", "OWNER: user (the default) or none")
	flag.StringVar(&c.admin, "admin", "", "ADMIN: true if only administrators may read")
	flag.StringVar(&c.from, "from", "", "FROM: contract if the contract has the resource already")
	flag.StringVar(&c.dirty, "dirty", "", "DIRTY: yes to accept uncommitted changes")
	flag.StringVar(&c.keep, "keep", "", "KEEP: yes to keep what was written if a check fails")
	flag.StringVar(&c.generate, "generate", "", "GENERATE: no to write the sources only, before another resource")
	flag.StringVar(&c.tests, "tests", "", "TESTS: no to run none")
	flag.Parse()
	if err := c.run(ctx, os.Stdout); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "make resource: "+strings.ReplaceAll(err.Error(), "\n", "\nmake resource: "))
		os.Exit(1) //nolint:gocritic // stop is not needed
	}
}

type command struct {
	dir                                       string
	spec                                      resource.Spec
	admin, from, dirty, keep, generate, tests string
}

func (c command) run(ctx context.Context, out io.Writer) error {
	start := time.Now() //nolint:forbidigo // a command
	dir, err := filepath.Abs(c.dir)
	if err != nil {
		return err
	}
	if err := c.checkOptions(); err != nil {
		return err
	}
	r, plan, err := c.plan(dir, start)
	if err != nil {
		return err
	}
	if !isYes(c.dirty) {
		if err := checkClean(ctx, dir); err != nil {
			return err
		}
	}
	snapshot, err := resource.Take(dir)
	if err != nil {
		return err
	}
	if err := c.write(ctx, dir, r, plan, out, start); err != nil {
		if isYes(c.keep) {
			return err
		}
		if failed := snapshot.Restore(); failed != nil {
			return errors.Join(err, fmt.Errorf("the files could not be restored: %w", failed))
		}
		return fmt.Errorf("%w\nnothing was changed; KEEP=yes keeps what was written", err)
	}
	return nil
}

func isYes(option string) bool { return option == "yes" || option == "true" || option == "1" }

func (c command) checkOptions() error {
	var problems []error
	for _, option := range []struct{ name, value, allowed string }{
		{"ADMIN", c.admin, "|true|false|"}, {"FROM", c.from, "|contract|"}, {"DIRTY", c.dirty, "|yes|no|"}, {"KEEP", c.keep, "|yes|no|"}, {"GENERATE", c.generate, "|yes|no|"}, {"TESTS", c.tests, "|yes|no|"},
	} {
		if option.value != "" && !strings.Contains(option.allowed, "|"+option.value+"|") {
			allowed := strings.ReplaceAll(strings.Trim(option.allowed, "|"), "|", " or ")
			problems = append(problems, fmt.Errorf("%s=%s: use %s", option.name, option.value, allowed))
		}
	}
	if c.from != "" && c.spec.Fields+c.spec.Owner+c.admin != "" {
		problems = append(problems, errors.New("FROM=contract takes FIELDS, OWNER and ADMIN from the contract: omit them"))
	}
	return errors.Join(problems...)
}

// plan plans all files in memory.
func (c command) plan(dir string, now time.Time) (*resource.Resource, *resource.Plan, error) {
	project, options := os.DirFS(dir), resource.Options{Now: now, KeepContract: c.from != ""}
	c.spec.Admin = isYes(c.admin)
	r, err := c.spec.Parse()
	if c.from != "" {
		r, err = resource.FromContract(project, c.spec.Name, c.spec.Plural)
	}
	if err != nil {
		return nil, nil, err
	}
	plan, err := resource.New(project, r, options)
	return r, plan, err
}

// checkClean returns an error if git knows uncommitted changes: git is the way to undo a resource.
func checkClean(ctx context.Context, dir string) error {
	const remedy = "commit or stash them first, because git undoes a resource: git restore --staged --worktree . && git clean -fd; " +
		"DIRTY=yes does without"
	git := exec.CommandContext(ctx, "git", "-C", dir, "status", "--porcelain") //nolint:gosec // G204: the project's folder
	status, err := git.Output()
	if err != nil {
		return fmt.Errorf("the project is not in a git repository (%w): DIRTY=yes does without", err)
	}
	if len(status) > 0 {
		return fmt.Errorf("there are uncommitted changes:\n%s%s", status, remedy)
	}
	return nil
}

// write writes the plan, generates code and runs the tests.
func (c command) write(
	ctx context.Context, dir string, r *resource.Resource, plan *resource.Plan, out io.Writer, start time.Time,
) error {
	if err := plan.Write(dir); err != nil {
		return err
	}
	for _, file := range plan.Files() {
		state := "changed"
		if plan.Created[file] != nil {
			state = "wrote"
		}
		fmt.Fprintf(out, "%-8s %s\n", state, file)
	}
	if plan.Skipped != nil {
		fmt.Fprintf(out, "no page in examples/web; see its README.md for a page by hand:\n%s\n", plan.Skipped)
	}
	fmt.Fprintf(out, "planned and written in %s\n", since(start))
	if c.generate == "no" {
		fmt.Fprintln(out, "Next: make generate")
		return nil
	}
	fmt.Fprintln(out, "generating code")
	if err := runIn(ctx, dir, "make", "--no-print-directory", "generate"); err != nil {
		return err
	}
	if err := c.checkPage(ctx, dir, plan, out); err != nil {
		return err
	}
	fmt.Fprintf(out, "generated after %s; compiling and testing\n", since(start))
	packages := []string{"./api/...", "./internal/..."}
	if err := runIn(ctx, dir, "go", append([]string{"vet"}, packages...)...); err != nil {
		return err
	}
	if c.tests != "no" {
		tested := []string{"test", "-vet=off", "-timeout=30m", "./api", "./internal", "./internal/pgstore", "./internal/httpapi"}
		if err := runIn(ctx, dir, "go", tested...); err != nil {
			return err
		}
		fmt.Fprintf(out, "green after %s\n", since(start))
	}
	fmt.Fprintf(out, "\nThe code is yours: read internal/domain/%s.go first. git diff shows all of it, and git restores what was.\n"+
		"Next: make run, then http://127.0.0.1:8000/api/docs#tag/%s; or make verify, and git add --all && git commit -m \"Add %s\"\n",
		r.Plural, r.Slug(), r.ManyWords())
	return nil
}

// checkPage formats the page of the web app and checks its types, if there is Node.js.
func (command) checkPage(ctx context.Context, dir string, plan *resource.Plan, out io.Writer) error {
	page := plan.Page()
	if page == "" {
		return nil
	}
	biome, tsc := filepath.Join(dir, "node_modules", ".bin", "biome"), filepath.Join(dir, "node_modules", ".bin", "tsc")
	if _, err := os.Stat(biome); errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintln(out, "the page of examples/web was not checked, there is no Node.js: run make check-web")
		return nil
	}
	if err := runIn(ctx, dir, "make", "--no-print-directory", "clients/typescript/dist"); err != nil {
		return err
	}
	web := filepath.Join(dir, "examples", "web")
	if err := runIn(ctx, web, biome, "check", "--write", "--error-on-warnings", filepath.Join(dir, page)); err != nil {
		return err
	}
	if err := runIn(ctx, web, tsc); err != nil {
		return err
	}
	fmt.Fprintln(out, "the page has English names for German readers, too: translate them in examples/web/src/texts/de.ts")
	return nil
}

func since(start time.Time) string {
	return time.Since(start).Round(100 * time.Millisecond).String() //nolint:forbidigo // a command
}

// runIn runs a command in a folder. If it fails, the error has its output.
func runIn(ctx context.Context, dir, name string, arguments ...string) error {
	cmd := exec.CommandContext(ctx, name, arguments...) //nolint:gosec // G204: fixed commands
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off") //nolint:forbidigo // of a child process
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	output, err := cmd.CombinedOutput()
	if err != nil {
		const most = 6000
		if len(output) > most {
			output = append([]byte("…"), output[len(output)-most:]...)
		}
		return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(arguments, " "), err, strings.TrimSpace(string(output)))
	}
	return nil
}
