package httpkit_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/labstack/echo/v4"

	"example.com/plinth/kit/httpkit"
	"example.com/plinth/kit/internal/things"
)

func Example() {
	contract, err := things.Read(things.Contract(things.Public))
	if err != nil {
		fmt.Println(err)
		return
	}
	routes := &httpkit.Routes{}
	e := echo.New()
	e.Use(httpkit.Chain(
		httpkit.SecurityHeaders(nil),
		httpkit.Deadline(contract, time.Second), // bounds everything that waits
		routes.Announce,
	))
	httpkit.HeadRouter{Echo: e}.GET("/things/:id", func(ctx echo.Context) error {
		return ctx.String(http.StatusOK, "thing "+ctx.Param("id"))
	})
	if err := routes.Complete(e, contract); err != nil {
		fmt.Println(err)
		return
	}
	w := httptest.NewRecorder()
	e.ServeHTTP(w, httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/things/7", http.NoBody))
	fmt.Println(w.Code, w.Body, w.Header().Get("X-Content-Type-Options"))
	// Output: 200 thing 7 nosniff
}
