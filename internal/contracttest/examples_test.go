package contracttest_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/plinth/internal/contracttest"
)

// exampleBreaches wants each example to be what the service would take or send, by the checks that its real requests
// and responses have to pass.
func exampleBreaches(c *contracttest.Contract) []string {
	var found []string
	for _, op := range c.Operations() {
		for _, breach := range slices.Concat(
			parameterExamples(op), requestExamples(op), responseExamples(c, op),
		) {
			found = append(found, fmt.Sprintf("%s: %s", op, breach))
		}
	}
	found = append(found, codesWithoutExample(c)...)
	_ = c.Doc().WalkSchemas(func(at string, schema *openapi3.SchemaRef) error {
		if example := schema.Value.Example; example != nil {
			found = append(found, about(at+"/example", contracttest.Violations(schema.Value, example))...)
		}
		return nil
	})
	return found
}

// codesWithoutExample are the codes that no operation shows. What answers without an operation has nowhere to.
func codesWithoutExample(c *contracttest.Contract) []string {
	shown := map[any]bool{"route_not_found": true, "method_not_allowed": true}
	for _, op := range c.Operations() {
		for _, response := range op.Spec().Responses.Map() {
			media := response.Value.Content.Get(problem)
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
	for _, code := range slices.Sorted(maps.Keys(c.ProblemStatuses())) {
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

func parameterExamples(op contracttest.Operation) []string {
	var found []string
	for _, p := range op.Parameters() {
		switch example := p.Value.Example; {
		case example != nil:
			found = append(found, about("parameter "+p.Value.Name, contracttest.Violations(p.Value.Schema.Value, example))...)
		case p.Value.Required:
			found = append(found, "parameter "+p.Value.Name+" has no example")
		}
	}
	return found
}

func requestExamples(op contracttest.Operation) []string {
	if op.Spec().RequestBody == nil {
		return nil
	}
	var found []string
	for _, media := range op.Spec().RequestBody.Value.Content {
		for _, name := range slices.Sorted(maps.Keys(media.Examples)) {
			if err := contracttest.BreaksRequest(media.Schema.Value, media.Examples[name].Value.Value); err != nil {
				found = append(found, fmt.Sprintf("example %s: %v", name, err))
			}
		}
	}
	return found
}

func responseExamples(c *contracttest.Contract, op contracttest.Operation) []string {
	var found []string
	for status, ref := range op.Spec().Responses.Map() {
		response := ref.Value
		for name, header := range response.Headers {
			if example := header.Value.Example; example != nil {
				found = append(found, about(status+": header "+name, contracttest.Violations(header.Value.Schema.Value, example))...)
			}
		}
		for contentType, media := range response.Content {
			for name, example := range media.Examples {
				value := example.Value.Value
				complaints := contracttest.Violations(media.Schema.Value, value)
				if contentType == problem {
					complaints = append(complaints, problemExample(c, status, value)...)
				}
				found = append(found, about(status+": example "+name, complaints)...)
			}
		}
	}
	slices.Sort(found)
	return found
}

// problemExample wants an example to be a problem of the status that it is listed at.
func problemExample(c *contracttest.Contract, at string, value any) []string {
	document, ok := value.(map[string]any)
	if !ok {
		return nil // which its schema says already
	}
	status, err := strconv.Atoi(at)
	if err != nil { // default
		said, _ := document["status"].(float64)
		if status = int(said); !slices.Contains(contracttest.DefaultStatuses(), status) {
			return []string{fmt.Sprintf("default does not stand for %d", status)}
		}
	}
	return c.CheckCode(document, status)
}
