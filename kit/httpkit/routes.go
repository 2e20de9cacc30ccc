package httpkit

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"example.com/plinth/kit/apispec"
	"example.com/plinth/kit/problem"
)

const headerAcceptPatch = "Accept-Patch" // RFC 5789

// HeadRouter registers HEAD with every GET. net/http drops the body.
type HeadRouter struct{ *echo.Echo }

// GET registers a route for GET and HEAD.
func (r HeadRouter) GET(route string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route {
	r.HEAD(route, h, m...)
	return r.Echo.GET(route, h, m...)
}

// Routes knows the methods of each path, once [Routes.Complete] has been called.
type Routes struct {
	methods map[string]pathMethods
	server  string // Allow of OPTIONS *
}

// pathMethods are the values of Allow and Accept-Patch, which is empty without PATCH.
type pathMethods struct{ allow, acceptPatch string }

// Complete completes the routes of a router once all handlers are registered: it adds OPTIONS, 405
// for methods that Echo would route to another path, and 404 below paths that end in a parameter.
// It returns an error unless the routes are the operations of the contract and the extra paths: a
// handler outside of the contract would have no access rule.
func (r *Routes) Complete(e *echo.Echo, contract *apispec.Contract, extra ...string) error {
	if err := checkRoutes(e, contract, extra); err != nil {
		return err
	}
	r.addOptions(e, contract) // before the routes that only refuse
	refuseOtherMethods(e)
	endParameters(e)
	return nil
}

// checkRoutes compares the routes with the contract.
func checkRoutes(e *echo.Echo, contract *apispec.Contract, extra []string) error {
	var problems []error
	registered := map[[2]string]bool{}
	for _, route := range e.Routes() {
		registered[[2]string{route.Method, route.Path}] = true
		if contract.Find(route.Method, route.Path) == nil && !slices.Contains(extra, route.Path) {
			problems = append(problems, fmt.Errorf("%s %s is not in the contract", route.Method, route.Path))
		}
	}
	for _, op := range contract.Operations() {
		for _, method := range []string{op.Method, http.MethodHead} {
			isOwn := method == op.Method || op.Method == http.MethodGet
			if isOwn && !registered[[2]string{method, op.Route}] {
				problems = append(problems, fmt.Errorf("%s %s is in the contract and has no handler", method, op.Route))
			}
		}
	}
	return errors.Join(problems...)
}

// addOptions reads the methods of each path and answers OPTIONS.
func (r *Routes) addOptions(e *echo.Echo, contract *apispec.Contract) {
	byPath, all := map[string][]string{}, []string{http.MethodOptions}
	for _, route := range e.Routes() {
		byPath[route.Path] = append(byPath[route.Path], route.Method)
		all = append(all, route.Method)
	}
	r.methods, r.server = map[string]pathMethods{}, allow(all)
	for path, own := range byPath {
		found := pathMethods{allow: allow(append(own, http.MethodOptions))}
		if op := contract.Find(http.MethodPatch, path); op != nil {
			found.acceptPatch = strings.Join(patchTypes(op), ", ")
		}
		r.methods[path] = found
		e.OPTIONS(path, func(ctx echo.Context) error {
			header := ctx.Response().Header()
			header.Set(echo.HeaderAllow, found.allow)
			if found.acceptPatch != "" {
				header.Set(headerAcceptPatch, found.acceptPatch)
			}
			return ctx.NoContent(http.StatusNoContent)
		})
	}
}

func allow(methods []string) string {
	slices.Sort(methods)
	return strings.Join(slices.Compact(methods), ", ")
}

// patchTypes returns the media types of a PATCH. JSON may be sent as a merge patch, too.
func patchTypes(op *apispec.Operation) []string {
	if op.Spec.RequestBody == nil {
		return nil
	}
	types := slices.Sorted(maps.Keys(op.Spec.RequestBody.Value.Content))
	if i := slices.Index(types, echo.MIMEApplicationJSON); i >= 0 {
		types = slices.Insert(types, i, "application/merge-patch+json")
	}
	return types
}

// Announce sends Allow with a 405, and Accept-Patch if the body of a PATCH was rejected (RFC 5789,
// section 2.2). It answers OPTIONS *, which has no route.
func (r *Routes) Announce(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ctx echo.Context) error {
		if request := ctx.Request(); request.Method == http.MethodOptions && request.URL.Path == "*" {
			ctx.Response().Header().Set(echo.HeaderAllow, r.server)
			return ctx.NoContent(http.StatusNoContent)
		}
		err := next(ctx)
		if err == nil {
			return nil
		}
		p, isProblem := errors.AsType[*problem.Problem](err)
		isBody := isProblem && (p.Code == problem.CodeUnsupportedMediaType || p.Code == problem.CodeValidationFailed)
		switch methods := r.methods[ctx.Path()]; {
		case errors.Is(err, echo.ErrMethodNotAllowed):
			ctx.Response().Header().Set(echo.HeaderAllow, methods.allow)
		case isBody && ctx.Request().Method == http.MethodPatch:
			ctx.Response().Header().Set(headerAcceptPatch, methods.acceptPatch)
		}
		return err
	}
}

// refuseOtherMethods answers 405 if a fixed path lacks a method that a path with a parameter in its
// place has. Echo would route DELETE /users/me/sessions to DELETE /users/{id}/sessions.
func refuseOtherMethods(e *echo.Echo) {
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

// isCoveredBy reports whether a path with parameters matches a fixed path.
func isCoveredBy(fixed, withParameters string) bool {
	return slices.EqualFunc(strings.Split(fixed, "/"), strings.Split(withParameters, "/"), func(a, b string) bool {
		return a == b || strings.HasPrefix(b, ":")
	})
}

// endParameters ends a parameter at the end of a path at the next slash. Echo would let it match
// the rest of the path if no longer path is registered.
func endParameters(e *echo.Echo) {
	routes := e.Routes()
	for _, route := range routes {
		continues := func(other *echo.Route) bool {
			return strings.HasPrefix(unnamed(other.Path), unnamed(route.Path)+"/")
		}
		if strings.HasPrefix(path.Base(route.Path), ":") && !slices.ContainsFunc(routes, continues) {
			e.RouteNotFound(route.Path+"/*", echo.NotFoundHandler)
		}
	}
}

// unnamed removes the names of parameters: /projects/:project_id/tasks continues /projects/:id.
func unnamed(route string) string { return parameterNames.ReplaceAllString(route, ":") }

var parameterNames = regexp.MustCompile(`:[^/]+`)
