package apigen

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	yaml "github.com/oasdiff/yaml3"

	"example.com/plinth/kit/internal/yamldoc"
)

// response returns a response with problems of these codes, all of one status.
func (e *expander) response(codes []string) (*yaml.Node, error) {
	var descriptions []string
	headers := yamldoc.Mapping()
	for _, code := range codes {
		problem, err := e.declared.problem(code)
		if err != nil {
			return nil, err
		}
		descriptions = append(descriptions, problem.Detail)
		if problem.Challenge != "" && e.RawChild(headers, "WWW-Authenticate") == yamldoc.Missing {
			set(headers, "WWW-Authenticate", yamldoc.Reference("headers", "WWWAuthenticate"))
		}
		if problem.RetryAfter > 0 && e.RawChild(headers, "Retry-After") == yamldoc.Missing {
			set(headers, "Retry-After", yamldoc.Reference("headers", "RetryAfter"))
		}
	}
	content, err := e.content(codes)
	if err != nil {
		return nil, err
	}
	response := yamldoc.Mapping(yamldoc.Scalar("description"), yamldoc.Text(strings.Join(descriptions, " Or: ")))
	set(response, "headers", headers)
	set(response, "content", content)
	return response, nil
}

// content returns the body of a response with problems.
func (e *expander) content(codes []string) (*yaml.Node, error) {
	examples := yamldoc.Mapping()
	for _, code := range codes {
		if _, err := e.declared.problem(code); err != nil {
			return nil, err
		}
		set(examples, code, yamldoc.Reference("examples", componentName(code)))
	}
	media := yamldoc.Mapping(yamldoc.Scalar("schema"), yamldoc.Reference("schemas", "Problem"))
	set(media, "examples", examples)
	return yamldoc.Mapping(yamldoc.Scalar("application/problem+json"), media), nil
}

// instance returns the path of an operation with the examples of its parameters.
func (e *expander) instance(path string, item, operation *yaml.Node) string {
	all := slices.Concat(e.Child(item, "parameters").Content, e.Child(operation, "parameters").Content)
	for _, parameter := range all {
		resolved := e.Resolve(parameter)
		if e.Child(resolved, "in").Value == "path" {
			path = strings.ReplaceAll(path, "{"+e.Child(resolved, "name").Value+"}", e.Child(resolved, "example").Value)
		}
	}
	return path
}

// examples adds an example for each code that a response shows.
func (e *expander) examples() error {
	components := e.At("components", "examples")
	if components == yamldoc.Missing {
		components = yamldoc.Mapping()
		set(e.At("components"), "examples", components)
	}
	requestID := e.At("components", "headers", "XRequestID", "example").Value
	if requestID == "" {
		return errors.New("components.headers.XRequestID needs an example")
	}
	for _, problem := range e.declared.problems {
		instance := cmp.Or(problem.Instance, e.instances[problem.code])
		if instance == "" {
			continue // no operation responds with it, such as route_not_found
		}
		value := yamldoc.Mapping()
		for _, member := range [][2]string{
			{"type", "urn:problem-type:" + problem.code},
			{"title", problem.Title},
			{"status", strconv.Itoa(problem.Status)},
			{"detail", problem.Detail},
			{"instance", instance},
			{"code", problem.code},
			{"request_id", requestID},
		} {
			node := yamldoc.Text(member[1])
			if member[0] == "status" {
				node = yamldoc.Scalar(member[1])
			}
			set(value, member[0], node)
		}
		set(components, componentName(problem.code),
			yamldoc.Mapping(yamldoc.Scalar("summary"), yamldoc.Text(problem.Title), yamldoc.Scalar("value"), value))
	}
	return nil
}

// codes writes the enum of ProblemCode, and the table in descriptions.
func (e *expander) codes() error {
	schema := e.At("components", "schemas", "ProblemCode")
	if schema == yamldoc.Missing {
		return errors.New("components.schemas needs ProblemCode, the type of codes")
	}
	enum := &yaml.Node{Kind: yaml.SequenceNode}
	for _, problem := range e.declared.problems {
		enum.Content = append(enum.Content, yamldoc.Text(problem.code))
	}
	set(schema, "enum", enum)

	descriptions := []*yaml.Node{e.At("info", "description")}
	for _, tag := range e.At("tags").Content {
		descriptions = append(descriptions, e.Child(tag, "description"))
	}
	for _, description := range descriptions {
		if description == yamldoc.Missing { // which all documents share
			continue
		}
		description.Value = strings.ReplaceAll(description.Value, "{{problems}}", e.declared.table())
	}
	return nil
}

// table returns the codes in Markdown, by status.
func (d declarations) table() string {
	byStatus := slices.Clone(d.problems)
	slices.SortStableFunc(byStatus, func(a, b Problem) int { return cmp.Compare(a.Status, b.Status) })
	rows := []string{"| code | status | meaning |", "|---|---|---|"}
	for _, problem := range byStatus {
		meaning := cmp.Or(problem.Meaning, problem.Detail)
		rows = append(rows, fmt.Sprintf("| %#q | %d | %s |", problem.code, problem.Status, meaning))
	}
	return strings.Join(rows, "\n")
}
