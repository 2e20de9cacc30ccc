package contracttest_test

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/plinth/api"
	"example.com/plinth/internal/contracttest"
	"example.com/plinth/internal/shoptest"
)

func TestTheContractKeepsItsRules(t *testing.T) {
	t.Parallel()
	checkRules(t, api.OpenAPI)
}

func TestTheShopKeepsTheRules(t *testing.T) {
	t.Parallel()
	checkRules(t, shoptest.OpenAPI)
}

func checkRules(t *testing.T, contract []byte) {
	t.Helper()
	c, err := contracttest.Parse(contract)
	must(t, err)
	for _, breach := range breaches(c) {
		t.Error(breach)
	}
}

// breaches are the places where a contract breaks the rules in its head.
func breaches(c *contracttest.Contract) []string {
	found := slices.Concat(tableBreaches(c), exampleBreaches(c))
	for _, op := range c.Operations() {
		for _, breach := range slices.Concat(
			describedBreaches(c, op), accessBreaches(c, op), requestBreaches(c, op), responseBreaches(op),
		) {
			found = append(found, fmt.Sprintf("%s: %s", op, breach))
		}
	}
	return found
}

// tableBreaches wants the tables of the guide to list the codes that the schemas know.
func tableBreaches(c *contracttest.Contract) []string {
	var found []string
	listed := slices.Sorted(maps.Keys(c.ProblemStatuses()))
	var known []string
	for _, code := range c.Doc().Components.Schemas["ProblemCode"].Value.Enum {
		known = append(known, fmt.Sprint(code))
	}
	for _, code := range known {
		if !slices.Contains(listed, code) {
			found = append(found, fmt.Sprintf("code %s is in ProblemCode, not in the table of codes", code))
		}
	}
	for _, code := range listed {
		if !slices.Contains(known, code) {
			found = append(found, fmt.Sprintf("code %s is in the table of codes, not in ProblemCode", code))
		}
	}
	if len(c.FieldCodes()) == 0 {
		found = append(found, "there is no table of field codes")
	}
	return found
}

// operationID has no two capitals in a row: generators disagree about those, getJSON is getJson in TypeScript.
var operationID = regexp.MustCompile(`^[a-z]+(?:[A-Z][a-z0-9]+)+$`)

func describedBreaches(c *contracttest.Contract, op contracttest.Operation) []string {
	var found []string
	spec := op.Spec()
	if !operationID.MatchString(op.ID) {
		found = append(found, "operationId is not a verb and a noun in camelCase")
	}
	if len(spec.Tags) != 1 || c.Doc().Tags.Get(spec.Tags[0]) == nil {
		found = append(found, "there is not exactly one tag of those at the top")
	}
	if spec.Summary == "" || spec.Description == "" {
		found = append(found, "summary or description is missing")
	}
	return found
}

// accessBreaches wants each operation to say who may call it and how the others are refused.
func accessBreaches(c *contracttest.Contract, op contracttest.Operation) []string {
	security := op.Spec().Security
	rank := slices.Index(c.Roles(), op.Role)
	switch {
	case security == nil:
		return []string{"security is missing"}
	case len(*security) == 0 && op.Role != "":
		return []string{"x-required-role without security"}
	case len(*security) > 0 && rank < 0:
		return []string{"secured without an x-required-role of UserRole"}
	}
	var found []string
	if rank >= 0 && op.Spec().Responses.Value("401") == nil {
		found = append(found, "secured without a 401")
	}
	if rank > 0 && op.Spec().Responses.Value("403") == nil {
		found = append(found, "not for all roles, without a 403")
	}
	return found
}

func requestBreaches(c *contracttest.Contract, op contracttest.Operation) []string {
	if op.Spec().RequestBody == nil {
		return nil
	}
	var found []string
	open := mayBeOpen(c, op)
	for contentType, media := range op.Spec().RequestBody.Value.Content {
		if _, bounded := op.Spec().Extensions["x-max-bytes"]; contentType != "application/json" && !bounded {
			found = append(found, "the request is not application/json, so it has no limit of its own: add x-max-bytes, "+
				"the most bytes that the body may have, such as x-max-bytes: 5242880")
		}
		if len(media.Examples) == 0 {
			found = append(found, "the request has no examples")
		}
		_ = media.Schema.WalkSubtree(func(at string, schema *openapi3.SchemaRef) error {
			additional := schema.Value.AdditionalProperties
			isClosed := additional.Schema != nil || additional.Has != nil && !*additional.Has ||
				additional.Has == nil && open[schema.Value]
			if schema.Value.Type.Is(openapi3.TypeObject) && !isClosed {
				found = append(found, "the request schema is open at "+strconv.Quote(at)+
					": say additionalProperties: false, or which schema other members have")
			}
			return nil
		})
	}
	return found
}

// mayBeOpen returns the schemas that leave additionalProperties out because they would refuse what others declare: the
// parts of an allOf, and those that an answer has as well, which are open to consumers. The service takes only what is
// declared.
func mayBeOpen(c *contracttest.Contract, op contracttest.Operation) map[*openapi3.Schema]bool {
	open := map[*openapi3.Schema]bool{}
	for _, each := range c.Operations() {
		for _, response := range each.Spec().Responses.Map() {
			for _, media := range response.Value.Content {
				_ = media.Schema.WalkSubtree(func(_ string, schema *openapi3.SchemaRef) error {
					open[schema.Value] = true
					return nil
				})
			}
		}
	}
	for _, media := range op.Spec().RequestBody.Value.Content {
		_ = media.Schema.WalkSubtree(func(_ string, schema *openapi3.SchemaRef) error {
			for _, part := range schema.Value.AllOf {
				open[part.Value] = true
			}
			return nil
		})
	}
	return open
}

func responseBreaches(op contracttest.Operation) []string {
	var found []string
	for _, needed := range []string{"422", "default"} {
		if op.Spec().Responses.Value(needed) == nil {
			found = append(found, "the response "+needed+" is missing")
		}
	}
	for _, status := range slices.Sorted(maps.Keys(op.Spec().Responses.Map())) {
		response := op.Spec().Responses.Value(status).Value
		for _, breach := range slices.Concat(headerBreaches(status, response), contentBreaches(status, response)) {
			found = append(found, status+": "+breach)
		}
	}
	return found
}

func headerBreaches(status string, response *openapi3.Response) []string {
	var found []string
	needed := map[string]string{"X-Request-ID": status, "WWW-Authenticate": "401"}
	for _, name := range slices.Sorted(maps.Keys(needed)) {
		if header := response.Headers[name]; needed[name] == status && (header == nil || !header.Value.Required) {
			found = append(found, "header "+name+" is not required")
		}
	}
	waiting := []string{"429", "503", "default"}
	if slices.Contains(waiting, status) && response.Headers["Retry-After"] == nil {
		found = append(found, "header Retry-After is missing")
	}
	return found
}

func contentBreaches(status string, response *openapi3.Response) []string {
	var found []string
	number, err := strconv.Atoi(status)
	switch {
	case err != nil && status != "default":
		found = append(found, "a range is no status")
	case status == "default" || number >= http.StatusBadRequest:
		if len(response.Content) != 1 || response.Content["application/problem+json"] == nil {
			found = append(found, "an error is not application/problem+json")
		}
	}
	for _, media := range response.Content {
		if len(media.Examples) == 0 {
			found = append(found, "there are no examples")
		}
		_ = media.Schema.WalkSubtree(func(at string, schema *openapi3.SchemaRef) error {
			if closed := schema.Value.AdditionalProperties.Has; closed != nil && !*closed {
				found = append(found, "the schema is closed to consumers at "+strconv.Quote(at))
			}
			return nil
		})
	}
	return found
}
