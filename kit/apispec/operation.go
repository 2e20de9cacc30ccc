package apispec

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/plinth/kit/formats"
)

// The extensions of an operation.
const (
	extensionRole      = "x-required-role"
	extensionRateClass = "x-rate-class"
	extensionTimeout   = "x-timeout"

	extensionAllowUnverified = "x-allow-unverified"
)

// NoTimeout is the Timeout of an operation that may take any time.
const NoTimeout = time.Duration(-1)

const mediaTypeEventStream = "text/event-stream"

// Operation is an operation of a contract. Each must have an x-rate-class, and either empty
// security or bearerAuth and an x-required-role.
type Operation struct {
	ID     string
	Method string
	Path   string // /users/{id}
	Route  string // /users/:id

	Role      string // that callers need; empty for public operations
	RateClass string
	// AllowsUnverified is for applications that require verified e-mails, from x-allow-unverified.
	AllowsUnverified bool
	// Timeout bounds requests, from x-timeout; 0 means the default. It is [NoTimeout] for streams
	// of events.
	Timeout    time.Duration
	Retirement *Retirement // nil unless it is deprecated

	HasETag        bool // responses of 200 have an ETag
	HasRanges      bool // it may respond with a part of a file
	IsCompressible bool // see isCompressible

	Parameters openapi3.Parameters // its own, and those of its path
	Spec       *openapi3.Operation
}

// IsPublic reports whether the operation may be called without a token.
func (o *Operation) IsPublic() bool { return o.Role == "" }

func newOperation(
	path, method string, item *openapi3.PathItem, op *openapi3.Operation, rules Rules,
) (*Operation, error) {
	role, err := requiredRole(op, rules.Roles)
	if err != nil {
		return nil, err
	}
	rateClass, _ := op.Extensions[extensionRateClass].(string)
	if !slices.Contains(rules.RateClasses, rateClass) {
		return nil, fmt.Errorf("needs %s: one of %s", extensionRateClass, strings.Join(rules.RateClasses, ", "))
	}
	retirement, err := newRetirement(op)
	if err != nil {
		return nil, err
	}
	timeout, err := timeoutOf(op)
	if err != nil {
		return nil, err
	}
	if err := checkResponses(op); err != nil {
		return nil, err
	}
	allowsUnverified, _ := op.Extensions[extensionAllowUnverified].(bool)
	success := op.Responses.Status(http.StatusOK)
	return &Operation{
		ID: op.OperationID, Method: method, Path: path, Route: routeOf(path),
		Role: role, RateClass: rateClass, AllowsUnverified: allowsUnverified, Timeout: timeout, Retirement: retirement,
		HasETag:        success != nil && success.Value.Headers["ETag"] != nil,
		HasRanges:      op.Responses.Status(http.StatusPartialContent) != nil,
		IsCompressible: isCompressible(method, success),
		Parameters:     parametersOf(item, op), Spec: op,
	}, nil
}

// requiredRole returns the role that callers need. An operation must have both security and a role.
func requiredRole(op *openapi3.Operation, roles []string) (string, error) {
	if op.Security == nil {
		return "", errors.New("says nothing about security")
	}
	value, hasRole := op.Extensions[extensionRole]
	if len(*op.Security) == 0 {
		if hasRole {
			return "", fmt.Errorf("is public and has %s", extensionRole)
		}
		return "", nil
	}
	for _, requirement := range *op.Security {
		if _, isBearer := requirement["bearerAuth"]; !isBearer || len(requirement) != 1 {
			return "", errors.New("has a security requirement other than bearerAuth")
		}
	}
	if role, _ := value.(string); role != "" && slices.Contains(roles, role) {
		return role, nil
	}
	return "", fmt.Errorf("needs %s: one of %s", extensionRole, strings.Join(roles, ", "))
}

// timeoutOf returns the timeout of an operation; 0 means the default.
func timeoutOf(op *openapi3.Operation) (time.Duration, error) {
	value, declared := op.Extensions[extensionTimeout]
	if !declared {
		for _, response := range op.Responses.Map() {
			if response.Value.Content[mediaTypeEventStream] != nil {
				return NoTimeout, nil
			}
		}
		return 0, nil
	}
	if value == "none" {
		return NoTimeout, nil
	}
	timeout, err := time.ParseDuration(fmt.Sprint(value))
	if err != nil || timeout <= 0 {
		return 0, fmt.Errorf("%s must be a duration such as 60s, or none", extensionTimeout)
	}
	return timeout, nil
}

// isCompressible reports whether responses may be compressed: those of a GET with only a JSON body
// and no ETag, which would have to differ by encoding. Files have ranges and streams flush. Tokens
// are in responses to POST, so they are never compressed together with input of a client (BREACH).
func isCompressible(method string, success *openapi3.ResponseRef) bool {
	return method == http.MethodGet && success != nil && success.Value.Headers["ETag"] == nil &&
		len(success.Value.Content) == 1 && success.Value.Content[mediaTypeJSON] != nil
}

// checkResponses returns an error if a response has a format that no test would check.
func checkResponses(op *openapi3.Operation) error {
	for status, response := range op.Responses.Map() {
		for _, media := range response.Value.Content {
			if media.Schema == nil {
				continue
			}
			err := media.Schema.WalkSubtree(func(at string, ref *openapi3.SchemaRef) error {
				if err := formats.CheckTypes(ref.Value.Type.Slice(), ref.Value.Format); err != nil {
					return fmt.Errorf("response %s: %q: %w", status, at, err)
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// parametersOf returns the parameters of an operation, and those of its path that it does not
// replace.
func parametersOf(item *openapi3.PathItem, op *openapi3.Operation) openapi3.Parameters {
	all := slices.Clone(op.Parameters)
	for _, ref := range item.Parameters {
		if op.Parameters.GetByInAndName(ref.Value.In, ref.Value.Name) == nil {
			all = append(all, ref)
		}
	}
	return all
}
