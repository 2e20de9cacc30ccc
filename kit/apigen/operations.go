package apigen

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"example.com/plinth/kit/internal/yamldoc"
)

// The lines around the table that [ListOperations] writes.
const (
	operationsBegin = "<!-- operations:begin -->\n"
	operationsEnd   = "<!-- operations:end -->\n"
)

// ListOperations returns a page in Markdown with a table of a contract's operations between its
// markers.
func ListOperations(contract, page []byte) ([]byte, error) {
	doc, err := yamldoc.Parse(contract)
	if err != nil {
		return nil, err
	}
	before, rest, hasBegin := bytes.Cut(page, []byte(operationsBegin))
	_, after, hasEnd := bytes.Cut(rest, []byte(operationsEnd))
	if !hasBegin || !hasEnd {
		return nil, errors.New("the page lacks the markers operations:begin and operations:end")
	}
	rows := []string{"| method and path | operation | role |", "|---|---|---|"}
	for path, item := range yamldoc.Members(doc.At("paths")) {
		for method, operation := range yamldoc.Members(item) {
			id := doc.Child(operation, "operationId").Value
			if id == "" {
				continue // parameters, which the operations of the path share
			}
			role := doc.Child(operation, "x-required-role").Value
			if role == "" {
				role = "none"
			}
			rows = append(rows, fmt.Sprintf("| `%s %s` | %s | %s |", strings.ToUpper(method), path, id, role))
		}
	}
	table := []byte(strings.Join(rows, "\n") + "\n")
	return slices.Concat(before, []byte(operationsBegin), table, []byte(operationsEnd), after), nil
}
