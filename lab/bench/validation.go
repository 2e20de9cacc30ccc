package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
)

// validations are the benchmarks of lab/protocol that compare the server with itself without
// validation.
var validations = []struct {
	benchmark, work string
	target          float64 // of the throughput without
}{
	{"GetCurrentUser", "GET /users/me over HTTP, validated, requests/s", 0.85},
	{"RegisterUser", "POST /auth/register in process, validated, requests/s", 0.75},
}

// measureValidation measures the cost of validating requests.
func measureValidation(ctx context.Context, l *lab) ([]row, error) {
	if !l.repo {
		return nil, nil
	}
	command := exec.CommandContext(ctx, "go", "test", "-run=^$", "-bench=^BenchmarkValidation", "./protocol")
	command.Dir = filepath.Join(l.root, "lab")
	output, err := command.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("the benchmarks of validation: %w\n%s", err, output)
	}
	var rows []row
	for _, v := range validations {
		result := regexp.MustCompile(`(?m)^BenchmarkValidationOf` + v.benchmark + `\S*\s.*\s([\d.]+) ×unvalidated`).FindSubmatch(output)
		if result == nil {
			return nil, fmt.Errorf("the benchmarks of validation printed no result of %s:\n%s", v.benchmark, output)
		}
		times, err := strconv.ParseFloat(string(result[1]), 64)
		if err != nil {
			return nil, fmt.Errorf("the result of %s: %w", v.benchmark, err)
		}
		rows = append(rows, row{
			v.work, "the same without validation", fmt.Sprintf("%.2f", 1/times), fmt.Sprintf("≥ %.2f", v.target), new(1/times >= v.target),
		})
	}
	return rows, nil
}
