package httpapi

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"example.com/plinth/kit/apispec"
	"example.com/plinth/kit/problem"
)

const headerAcceptPatch = "Accept-Patch" // RFC 5789

// methods knows what may be sent to each path, by the path that the router has found. It is filled once all routes are
// registered.
type methods struct {
	paths  map[string]pathMethods
	server string // Allow of the server as a whole
}

// pathMethods are the values of Allow and Accept-Patch; the latter is empty for a path without PATCH.
type pathMethods struct{ allow, acceptPatch string }

// register reads the routes, and answers OPTIONS at each of them.
func (m *methods) register(e *echo.Echo, c *contract) {
	byPath, all := map[string][]string{}, []string{http.MethodOptions}
	for _, route := range e.Routes() {
		byPath[route.Path] = append(byPath[route.Path], route.Method)
		all = append(all, route.Method)
	}
	m.paths, m.server = map[string]pathMethods{}, allow(all)
	for path, own := range byPath {
		found := pathMethods{allow: allow(append(own, http.MethodOptions))}
		if op := c.operations[routeKey{http.MethodPatch, path}]; op != nil {
			found.acceptPatch = strings.Join(patchTypes(op.Operation), ", ")
		}
		m.paths[path] = found
		e.OPTIONS(path, func(ctx echo.Context) error {
			found.announce(ctx)
			return ctx.NoContent(http.StatusNoContent)
		})
	}
}

func allow(methods []string) string {
	slices.Sort(methods)
	return strings.Join(slices.Compact(methods), ", ")
}

func (p pathMethods) announce(ctx echo.Context) {
	header := ctx.Response().Header()
	header.Set(echo.HeaderAllow, p.allow)
	if p.acceptPatch != "" {
		header.Set(headerAcceptPatch, p.acceptPatch)
	}
}

// announceMethods names the methods of a path where another was sent, and the media types of PATCH where its body was
// refused (RFC 5789, section 2.2). It answers OPTIONS for the server as a whole, which has no route.
func announceMethods(m *methods) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(ctx echo.Context) error {
			if r := ctx.Request(); r.Method == http.MethodOptions && r.URL.Path == "*" {
				ctx.Response().Header().Set(echo.HeaderAllow, m.server)
				return ctx.NoContent(http.StatusNoContent)
			}
			err := next(ctx)
			if err == nil {
				return nil
			}
			p, isProblem := errors.AsType[*problem.Problem](err)
			isBody := isProblem && (p.Code == problem.CodeUnsupportedMediaType || p.Code == problem.CodeValidationFailed)
			switch path := m.paths[ctx.Path()]; {
			case errors.Is(err, echo.ErrMethodNotAllowed):
				ctx.Response().Header().Set(echo.HeaderAllow, path.allow)
			case isBody && ctx.Request().Method == http.MethodPatch:
				ctx.Response().Header().Set(headerAcceptPatch, path.acceptPatch)
			}
			return err
		}
	}
}

// keepFixedPaths answers 405 where a fixed path lacks a method that a path with a parameter in its place has. Echo's router
// would go on to that one: DELETE /users/me/sessions would be DELETE /users/{id}/sessions of a user "me".
func keepFixedPaths(e *echo.Echo) {
	byPath := map[string][]string{}
	for _, route := range e.Routes() {
		byPath[route.Path] = append(byPath[route.Path], route.Method)
	}
	refuse := func(echo.Context) error { return echo.ErrMethodNotAllowed }
	for path, own := range byPath {
		for other, theirs := range byPath {
			if other == path || !isCoveredBy(path, other) {
				continue
			}
			for _, method := range theirs {
				if !slices.Contains(own, method) {
					e.Add(method, path, refuse)
				}
			}
		}
	}
}

// isCoveredBy reports whether a path is one of those that a path with parameters stands for.
func isCoveredBy(fixed, withParameters string) bool {
	return slices.EqualFunc(strings.Split(fixed, "/"), strings.Split(withParameters, "/"), func(a, b string) bool {
		return a == b || strings.HasPrefix(b, ":")
	})
}

// patchTypes returns the media types of a PATCH. JSON may be sent as a merge patch, too.
func patchTypes(op *apispec.Operation) []string {
	if op.Spec.RequestBody == nil {
		return nil
	}
	types := slices.Sorted(maps.Keys(op.Spec.RequestBody.Value.Content))
	if i := slices.Index(types, "application/json"); i >= 0 {
		types = slices.Insert(types, i, "application/merge-patch+json")
	}
	return types
}
