package contracttest

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/plinth/kit/problem"
)

// CheckRules reports each place where the contract breaks a house rule that is not checked at the
// start of the server.
func (c *Contract) CheckRules(tb testing.TB) {
	tb.Helper()
	for _, breach := range c.breaches() {
		tb.Error(breach)
	}
}

func (c *Contract) breaches() []string {
	found := slices.Concat(c.tableBreaches(), c.exampleBreaches())
	for _, op := range c.operations {
		for _, breach := range slices.Concat(
			op.descriptionBreaches(), op.accessBreaches(), op.requestBreaches(), op.responseBreaches(),
		) {
			found = append(found, fmt.Sprintf("%s: %s", op, breach))
		}
	}
	return found
}

// tableBreaches checks that the tables of the guide list the codes of the schemas.
func (c *Contract) tableBreaches() []string {
	var found []string
	known := c.problemCodes()
	for _, code := range known {
		if _, listed := c.problems[code]; !listed {
			found = append(found, "code "+code+" is in the schema of problems, but not in the table of codes")
		}
	}
	for _, code := range slices.Sorted(maps.Keys(c.problems)) {
		if !slices.Contains(known, code) {
			found = append(found, "code "+code+" is in the table of codes, but not in the schema of problems")
		}
	}
	if len(c.fieldCodes) == 0 {
		found = append(found, "there is no table of field codes")
	}
	return found
}

// problemCodes returns the values of the member code of problems.
func (c *Contract) problemCodes() []string {
	media := c.problem.Content[problem.MediaType]
	if media == nil || media.Schema.Value.Properties["code"] == nil {
		return nil
	}
	var codes []string
	for _, code := range media.Schema.Value.Properties["code"].Value.Enum {
		codes = append(codes, fmt.Sprint(code))
	}
	return codes
}

// operationID has no consecutive capitals, because generators disagree about them: getJSON is
// getJson in TypeScript.
var operationID = regexp.MustCompile(`^[a-z]+(?:[A-Z][a-z0-9]+)+$`)

func (op Operation) descriptionBreaches() []string {
	var found []string
	if !operationID.MatchString(op.ID) {
		found = append(found, "operationId is not a verb and a noun in camelCase")
	}
	if len(op.spec.Tags) != 1 || op.contract.doc.Tags.Get(op.spec.Tags[0]) == nil {
		found = append(found, "there must be exactly one tag, of those at the top")
	}
	if op.spec.Summary == "" || op.spec.Description == "" {
		found = append(found, "summary or description is missing")
	}
	return found
}

// accessBreaches checks that the operation declares its role, and the refusals of callers without
// it.
func (op Operation) accessBreaches() []string {
	security := op.spec.Security
	rank := slices.Index(op.contract.options.Roles, op.Role)
	switch {
	case security == nil:
		return []string{"security is missing"}
	case len(*security) == 0 && op.Role != "":
		return []string{"x-required-role without security"}
	case len(*security) > 0 && rank < 0:
		return []string{"secured without an x-required-role of " + strings.Join(op.contract.options.Roles, ", ")}
	}
	var found []string
	if rank >= 0 && op.spec.Responses.Value("401") == nil {
		found = append(found, "secured without a 401")
	}
	if rank > 0 && op.spec.Responses.Value("403") == nil {
		found = append(found, "not for all roles, but without a 403")
	}
	return found
}

func (op Operation) requestBreaches() []string {
	if op.spec.RequestBody == nil {
		return nil
	}
	var found []string
	open := op.mayBeOpen()
	for contentType, media := range op.spec.RequestBody.Value.Content {
		if _, bounded := op.spec.Extensions["x-max-bytes"]; contentType != "application/json" && !bounded {
			found = append(found, "the request is not application/json, so it needs x-max-bytes, the maximum size of "+
				"the body, such as x-max-bytes: 5242880")
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
					": add additionalProperties: false, or the schema of other members")
			}
			return nil
		})
	}
	return found
}

// mayBeOpen returns the schemas of requests that may omit additionalProperties: the parts of an
// allOf, which would reject the members of the others, and schemas of responses, which are open to
// consumers. The service takes declared members only.
func (op Operation) mayBeOpen() map[*openapi3.Schema]bool {
	open := map[*openapi3.Schema]bool{}
	for _, each := range op.contract.operations {
		for _, response := range each.spec.Responses.Map() {
			for _, media := range response.Value.Content {
				_ = media.Schema.WalkSubtree(func(_ string, schema *openapi3.SchemaRef) error {
					open[schema.Value] = true
					return nil
				})
			}
		}
	}
	for _, media := range op.spec.RequestBody.Value.Content {
		_ = media.Schema.WalkSubtree(func(_ string, schema *openapi3.SchemaRef) error {
			for _, part := range schema.Value.AllOf {
				open[part.Value] = true
			}
			return nil
		})
	}
	return open
}

func (op Operation) responseBreaches() []string {
	var found []string
	for _, needed := range []string{"422", "default"} {
		if op.spec.Responses.Value(needed) == nil {
			found = append(found, "the response "+needed+" is missing")
		}
	}
	for _, status := range slices.Sorted(maps.Keys(op.spec.Responses.Map())) {
		response := op.spec.Responses.Value(status).Value
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
		found = append(found, "ranges of statuses are not supported")
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
