package httpkit

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"example.com/plinth/kit/apispec"
)

// SecretCookies lets pages keep secrets in cookies that their scripts cannot read. A request uses
// cookies if its operation declares Header and the request has it with the value "cookie": another
// site can send such a header only after a preflight, which [CORS] refuses. Its Origin must be that
// of the API or one of Origins, which also excludes pages of other hosts of the same site.
type SecretCookies struct {
	Header  string   // a parameter of the contract
	Path    string   // for which browsers send the cookies
	Origins []string // exact origins of pages, besides that of the API
	// Enabled allows cookies at all.
	Enabled bool
	// Insecure sends cookies over HTTP, too, and allows pages without TLS: for development.
	Insecure bool
	// Refuse returns the error of a request that may not use cookies.
	Refuse func(detail string) error
}

// Middleware opens the [Cookies] of requests that use cookies, and refuses those that must not.
func (s SecretCookies) Middleware(contract *apispec.Contract) echo.MiddlewareFunc {
	protection := http.NewCrossOriginProtection()
	for _, origin := range s.Origins {
		if err := protection.AddTrustedOrigin(origin); err != nil {
			s.Enabled = false // such as "*": no page can be told from another
		}
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(ctx echo.Context) error {
			r := ctx.Request()
			asked := r.Header.Values(s.Header)
			if len(asked) == 0 || !slices.Contains(asked, "cookie") || !declares(operationOf(contract, ctx), s.Header) {
				return next(ctx)
			}
			if err := s.check(r, protection); err != nil {
				return err
			}
			CallerOf(r.Context()).cookies = &Cookies{request: r, response: ctx.Response().Header(), rules: &s}
			return next(ctx)
		}
	}
}

func declares(op *apispec.Operation, header string) bool {
	return op != nil && op.Parameters.GetByInAndName("header", header) != nil
}

// check returns an error unless the request comes from a page that may use cookies. Browsers send
// an Origin with each POST, and Sec-Fetch-Site, which also holds if a proxy changes Host.
func (s SecretCookies) check(r *http.Request, protection *http.CrossOriginProtection) error {
	if !s.Enabled {
		return s.Refuse("The cookie transport is disabled.")
	}
	origins := r.Header.Values(echo.HeaderOrigin)
	if len(origins) != 1 || origins[0] == "null" {
		return s.Refuse("The cookie transport needs one Origin header, which browsers send.")
	}
	origin, err := url.Parse(origins[0])
	if err != nil || origin.Host == "" || protection.Check(r) != nil {
		return s.Refuse("Pages of this Origin may not use the cookie transport.")
	}
	if origin.Scheme != "https" && !s.Insecure && !slices.Contains(s.Origins, origins[0]) {
		return s.Refuse("Pages without TLS may not use the cookie transport.")
	}
	return nil
}

// Cookies are the secret cookies of a request and its response.
type Cookies struct {
	request  *http.Request
	response http.Header
	rules    *SecretCookies
}

// CookiesOf returns the cookies of a request from the context of its handler; nil if it uses none.
func CookiesOf(ctx context.Context) *Cookies { return CallerOf(ctx).cookies }

// Values returns the values of a cookie. More than one means that another host of the site has set a
// cookie of this name, or a page of this host: the service sets one.
func (c *Cookies) Values(name string) []string {
	var values []string
	for _, cookie := range c.request.CookiesNamed(c.fullName(name)) {
		values = append(values, cookie.Value)
	}
	return values
}

// Set sets a cookie, which expires after lifetime.
func (c *Cookies) Set(name, value string, lifetime time.Duration) {
	c.set(name, value, int(lifetime.Seconds()))
}

// Clear deletes a cookie.
func (c *Cookies) Clear(name string) { c.set(name, "", -1) }

// set leaves Domain unset, so that other hosts do not get the cookie. SameSite=Strict costs nothing:
// no navigation reads the cookie.
func (c *Cookies) set(name, value string, maxAge int) {
	cookie := http.Cookie{ //nolint:gosec // G124: only development lacks Secure
		Name: c.fullName(name), Value: value, Path: c.rules.Path, MaxAge: maxAge,
		HttpOnly: true, Secure: !c.rules.Insecure, SameSite: http.SameSiteStrictMode,
	}
	c.response.Add(echo.HeaderSetCookie, cookie.String())
}

// fullName adds the prefix of names that only an encrypted connection can set. __Host- would need
// the path /, with which browsers send the cookie to everything on the host.
func (c *Cookies) fullName(name string) string {
	if c.rules.Insecure { // not every browser takes the prefix over HTTP
		return name
	}
	return "__Secure-" + name
}
