package apispec

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
)

// CodeSample shows how a program in one language calls an operation, as the contract's extension x-codeSamples.
type CodeSample struct {
	Lang   string
	Source string
}

// CodeSamples returns the samples of each operation by its operationId, that for a shell first. They hold what the operation
// requires, with the values of its examples.
func CodeSamples() (map[string][]CodeSample, error) {
	return SamplesOf(OpenAPI, ClientNames{Go: "apiclient", TypeScript: "@plinth/client"})
}

// ClientNames are the packages of the generated clients.
type ClientNames struct{ Go, TypeScript string }

// SamplesOf returns the samples of any contract, as [CodeSamples] does.
func SamplesOf(contract []byte, clients ClientNames) (map[string][]CodeSample, error) {
	operations, err := sampleOperations(contract)
	if err != nil {
		return nil, err
	}
	samples := make(map[string][]CodeSample, len(operations))
	for _, op := range operations {
		samples[op.id] = []CodeSample{
			{"Shell", op.curl()}, {"TypeScript", op.typescript(clients.TypeScript)}, {"Go", op.golang(clients.Go)},
		}
	}
	return samples, nil
}

// withSamples returns the contract as written, with code samples below the name of each operation.
func withSamples() ([]byte, error) {
	samples, err := CodeSamples()
	if err != nil {
		return nil, err
	}
	return operationIDLine.ReplaceAllFunc(OpenAPI, func(line []byte) []byte {
		match := operationIDLine.FindSubmatch(line)
		out := bytes.NewBuffer(bytes.Clone(line))
		indent := string(match[1])
		fmt.Fprintf(out, "%sx-codeSamples:\n", indent)
		for _, sample := range samples[string(match[2])] {
			fmt.Fprintf(out, "%s  - lang: %s\n%s    source: |\n", indent, sample.Lang, indent)
			for line := range strings.Lines(sample.Source) {
				out.WriteString(strings.TrimRight(indent+"      "+line, " \n") + "\n")
			}
		}
		return out.Bytes()
	}), nil
}

var operationIDLine = regexp.MustCompile(`(?m)^( +)operationId: (\w+)\n`)
