package httpapi

import "github.com/labstack/echo/v4"

// NewDocs returns a server of the documentation alone.
func NewDocs() (*echo.Echo, error) {
	e := echo.New()
	return e, registerDocs(e)
}
