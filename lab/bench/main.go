// Command bench measures the API against baselines. It builds and starts everything on loopback
// with its own PostgreSQL, and measures alternately within one run, because on a shared machine
// only ratios are meaningful. It prints one table and marks missed targets; only a failed
// measurement is an error.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1) //nolint:gocritic // stop is not needed
	}
}

// options configure the measurements.
type options struct {
	rounds int           // pairs of measurements, whose median counts
	round  time.Duration // duration of each half of a pair
	rows   int           // accounts in the large database
	repo   bool          // also measure what needs the repository
	root   string        // of the repository
	only   *regexp.Regexp

	profile string // file for a CPU profile of GET /users/me, if not empty
}

// scenario measures one or more rows of the table.
type scenario struct {
	name string
	run  func(context.Context, *lab) ([]row, error)
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var opts options
	var only string
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&opts.rounds, "rounds", 7, "pairs of measurements, of which the median counts")
	flags.DurationVar(&opts.round, "round", 2*time.Second, "how long each half of a pair takes")
	flags.IntVar(&opts.rows, "rows", 1_000_000, "users in the large database")
	flags.BoolVar(&opts.repo, "repo", true, "also run what needs the repository: its benchmarks, go generate and make test")
	flags.StringVar(&opts.root, "root", ".", "the folder of the repository")
	flags.StringVar(&only, "only", ".", "the scenarios to run, a regular expression")
	flags.StringVar(&opts.profile, "profile", "", "write a CPU profile of the server in GET /users/me to this file")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var err error
	if opts.only, err = regexp.Compile(only); err != nil {
		return fmt.Errorf("-only: %w", err)
	}
	lab, err := newLab(ctx, opts, stderr)
	if err != nil {
		return err
	}
	rows, err := measure(ctx, lab, opts.only)
	printTable(stdout, rows)
	return errors.Join(err, lab.close())
}

func measure(ctx context.Context, lab *lab, only *regexp.Regexp) ([]row, error) {
	var rows []row
	for _, scenario := range []scenario{
		{"start", measureStart},
		{"me", measureCurrentUser},
		{"validation", measureValidation},
		{"telemetry", measureTelemetry},
		{"mails", measureMails},
		{"limits", measureLimits},
		{"flood", measureFlood},
		{"growth", measureGrowth},
		{"repository", measureRepository},
	} {
		if !only.MatchString(scenario.name) {
			continue
		}
		lab.say("measuring %s", scenario.name)
		more, err := scenario.run(ctx, lab)
		rows = append(rows, more...)
		if err != nil {
			return rows, fmt.Errorf("measuring %s: %w", scenario.name, err)
		}
	}
	return rows, nil
}
