package httpapi

import (
	"net/http"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"example.com/plinth/gen/api"
)

// NewFor returns the error of New for another contract.
func NewFor(contract string, deps Dependencies) error {
	spec, err := openapi3.NewLoader().LoadFromData([]byte(contract))
	if err != nil {
		return err
	}
	s, err := newServer(spec, deps, Options{})
	if err != nil {
		return err
	}
	_, err = s.handler(s.middleware(), s.register)
	return err
}

// NewUnvalidated is New without the last line of the middleware, which validates requests.
func NewUnvalidated(deps Dependencies, options Options) (http.Handler, error) {
	spec, err := api.GetSpec()
	if err != nil {
		return nil, err
	}
	s, err := newServer(spec, deps, options)
	if err != nil {
		return nil, err
	}
	middleware := s.middleware()
	e, err := s.handler(middleware[:len(middleware)-1], s.register)
	if err == nil {
		e.Binder = &echo.DefaultBinder{}
	}
	return e, err
}
