package contracttest

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/plinth/kit/problem"
)

// exampleBreaches checks each example as a real request or response.
func (c *Contract) exampleBreaches() []string {
	var found []string
	for _, op := range c.operations {
		for _, breach := range slices.Concat(
			op.parameterExamples(), op.requestExamples(), op.responseExamples(),
		) {
			found = append(found, fmt.Sprintf("%s: %s", op, breach))
		}
	}
	found = append(found, c.codesWithoutExample()...)
	_ = c.doc.WalkSchemas(func(at string, schema *openapi3.SchemaRef) error {
		if example := schema.Value.Example; example != nil {
			found = append(found, about(at+"/example", violations(schema.Value, example))...)
		}
		return nil
	})
	return found
}

// codesWithoutExample returns violations for codes without an example. Those of requests without an
// operation need none.
func (c *Contract) codesWithoutExample() []string {
	shown := map[any]bool{problem.CodeRouteNotFound: true, problem.CodeMethodNotAllowed: true}
	for _, op := range c.operations {
		for _, response := range op.spec.Responses.Map() {
			media := response.Value.Content.Get(problem.MediaType)
			if media == nil {
				continue
			}
			for _, example := range media.Examples {
				document, _ := example.Value.Value.(map[string]any)
				shown[document["code"]] = true
			}
		}
	}
	var found []string
	for _, code := range slices.Sorted(maps.Keys(c.problems)) {
		if !shown[code] {
			found = append(found, fmt.Sprintf("code %s has no example", code))
		}
	}
	return found
}

func about(what string, complaints []string) []string {
	var all []string
	for _, complaint := range complaints {
		all = append(all, what+": "+complaint)
	}
	return all
}

func (op Operation) parameterExamples() []string {
	var found []string
	for _, p := range op.params {
		switch example := p.Value.Example; {
		case example != nil:
			found = append(found, about("parameter "+p.Value.Name, violations(p.Value.Schema.Value, example))...)
		case p.Value.Required:
			found = append(found, "parameter "+p.Value.Name+" has no example")
		}
	}
	return found
}

func (op Operation) requestExamples() []string {
	if op.spec.RequestBody == nil {
		return nil
	}
	var found []string
	for _, media := range op.spec.RequestBody.Value.Content {
		for _, name := range slices.Sorted(maps.Keys(media.Examples)) {
			example := media.Examples[name].Value.Value
			if err := visit(media.Schema.Value, example, openapi3.VisitAsRequest()); err != nil {
				found = append(found, fmt.Sprintf("example %s: %v", name, err))
			}
		}
	}
	return found
}

func (op Operation) responseExamples() []string {
	var found []string
	for status, ref := range op.spec.Responses.Map() {
		response := ref.Value
		for name, header := range response.Headers {
			if example := header.Value.Example; example != nil {
				found = append(found, about(status+": header "+name, violations(header.Value.Schema.Value, example))...)
			}
		}
		for contentType, media := range response.Content {
			for name, example := range media.Examples {
				value := example.Value.Value
				complaints := violations(media.Schema.Value, value)
				if contentType == problem.MediaType {
					complaints = append(complaints, op.contract.problemExample(status, value)...)
				}
				found = append(found, about(status+": example "+name, complaints)...)
			}
		}
	}
	slices.Sort(found)
	return found
}

// problemExample checks that an example is a problem of the status that it is listed at.
func (c *Contract) problemExample(at string, value any) []string {
	document, ok := value.(map[string]any)
	if !ok {
		return nil // a schema violation
	}
	status, err := strconv.Atoi(at)
	if err != nil { // default
		said, _ := document["status"].(float64)
		if status = int(said); !slices.Contains(defaultStatuses, status) {
			return []string{fmt.Sprintf("default does not document %d", status)}
		}
	}
	return c.checkCode(document, status)
}
