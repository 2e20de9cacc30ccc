package httpapi

import (
	"net/http"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"
)

// AnnouncingServer serves GET /things/:id of a contract, with nothing before the handler but announceRetirement.
func AnnouncingServer(text string) (http.Handler, error) {
	spec, err := openapi3.NewLoader().LoadFromData([]byte(text))
	if err != nil {
		return nil, err
	}
	c, err := newContract(spec)
	if err != nil {
		return nil, err
	}
	e := echo.New()
	e.Use(announceRetirement(c))
	e.GET("/things/:id", func(echo.Context) error { return echo.ErrNotFound })
	return e, nil
}
