package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// growthShown are the operations of BenchmarkAtScale with their own row.
var growthShown = []string{
	"who calls, which each request asks", "log in", "refresh", "register", "first page, by created_at",
	"page in the middle, by created_at", "page in the middle, by email", "search a rare name, by created_at",
	"search without a match, by created_at", "search that all match, by created_at",
}

// growthResult matches a line of BenchmarkAtScale in lab/scale: two times, their ratio, and the
// name.
var growthResult = regexp.MustCompile(`(?m)^\s*(\S+)\s+(\S+)\s+([0-9.]+)\s{2,}(.+?)( \(grows\)| TOO MUCH)?$`)

// measureGrowth compares a database of a million accounts with a small one. It measures without
// HTTP, whose constant cost would reduce the ratios. Filling the database takes minutes.
func measureGrowth(ctx context.Context, l *lab) ([]row, error) {
	if !l.repo {
		return nil, nil
	}
	command := exec.CommandContext(ctx, "go", "test", "-tags=scale", "-run=^$", "-bench=^BenchmarkAtScale$", "-timeout=60m", //nolint:gosec // G204: a number
		"./scale", fmt.Sprintf("-scale.large=%d", l.rows))
	command.Dir = filepath.Join(l.root, "lab")
	output, failed := command.CombinedOutput()
	rows, worst := growthRows(string(output), l.rows)
	if len(rows) == 0 || failed != nil && worst <= mostGrowth {
		return nil, errors.Join(fmt.Errorf("the benchmark at scale:\n%s", output), failed)
	}
	return rows, nil
}

// mostGrowth is the maximum ratio.
const mostGrowth = 3

func growthRows(output string, accounts int) (rows []row, worst float64) {
	against, count := "with 10,000 accounts", 0
	for _, m := range growthResult.FindAllStringSubmatch(output, -1) {
		ratio, err := strconv.ParseFloat(m[3], 64)
		if err != nil || m[5] == " (grows)" {
			continue
		}
		count++
		worst = max(worst, ratio)
		if slices.Contains(growthShown, m[4]) {
			rows = append(rows, row{
				fmt.Sprintf("with %d accounts: %s", accounts, m[4]), against, fmt.Sprintf("%.2f (%s)", ratio, m[2]), "≤ 3", new(ratio <= mostGrowth),
			})
		}
	}
	if count == 0 {
		return nil, 0
	}
	return append(rows, row{
		fmt.Sprintf("the worst of %d such operations", count), against, fmt.Sprintf("%.2f", worst), "≤ 3", new(worst <= mostGrowth),
	}), worst
}
