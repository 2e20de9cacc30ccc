package httpapi

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.com/plinth/gen/api"
	"example.com/plinth/gen/apicontract"
)

// NewForText is NewFor with the handlers of the service's own contract.
func NewForText(text string, deps Dependencies) error {
	_, err := NewFor(API{Contract: []byte(text), Register: func(router api.EchoRouter) {
		api.RegisterHandlers(router, api.NewStrictHandler(&handlers{}, nil))
	}}, deps, Options{})
	return err
}

// NewUnvalidated is New without the last line of the middleware, which validates requests.
func NewUnvalidated(deps Dependencies, options Options) (http.Handler, error) {
	spec, err := api.GetSpec()
	if err != nil {
		return nil, err
	}
	s, err := newServer(spec, apicontract.Problems(), deps, options)
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
