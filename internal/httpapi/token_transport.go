package httpapi

import (
	"context"
	"fmt"
	"slices"

	"example.com/plinth/gen/api"
	"example.com/plinth/gen/apicontract"
	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/httpkit"
	"example.com/plinth/kit/problem"
)

// Names of cookies, and the path for which browsers send them. Cookies of a host are for all its
// ports, so the names have that of the service.
const (
	cookiePath        = "/api/v1/auth"
	refreshCookieName = "plinth_refresh_token"
	deviceCookieName  = "plinth_device_token"
)

func (s *Server) tokenCookies() httpkit.SecretCookies {
	return httpkit.SecretCookies{
		Header: "X-Token-Transport", Path: cookiePath, Origins: s.options.CORSOrigins,
		Enabled: s.options.TokenCookies, Insecure: s.options.InsecureCookies,
		Refuse: func(detail string) error {
			return &problem.Problem{Code: apicontract.CodeTokenTransportRefused, Detail: detail}
		},
	}
}

// toTokenResponse puts the tokens of a session into the response or, if the request uses cookies,
// all but the access token into cookies. Every operation that starts or continues a session
// responds with it.
func toTokenResponse(ctx context.Context, tokens domain.Tokens) api.TokenResponse {
	response := api.TokenResponse{
		AccessToken: tokens.Access,
		TokenType:   api.TokenResponseTokenTypeBearer,
		ExpiresIn:   int32(tokens.ExpiresIn.Seconds()),
	}
	refresh, device := tokens.Refresh.Reveal(), tokens.Device.Reveal()
	cookies := httpkit.CookiesOf(ctx)
	if cookies == nil {
		response.RefreshToken, response.DeviceToken = refresh, orNone(device)
		return response
	}
	cookies.Set(refreshCookieName, refresh, tokens.RefreshExpiresIn)
	if device != "" {
		cookies.Set(deviceCookieName, device, domain.KnownDeviceAge)
	}
	return response
}

// refreshToken returns the refresh token of a request from its body or, if it uses cookies, from its
// cookie; empty if it has no cookie.
func refreshToken(ctx context.Context, body *api.RefreshTokensRequest) (string, error) {
	tokens, err := refreshTokens(ctx, body)
	switch {
	case err != nil || len(tokens) == 0:
		return "", err
	case len(tokens) > 1:
		return "", errTwoCookies
	}
	return tokens[0], nil
}

// errTwoCookies refuses to choose between the token of the service and one that another host of the
// site has set.
var errTwoCookies = &problem.Problem{
	Code: problem.CodeMalformedRequest, Detail: fmt.Sprintf("There are several cookies %s.", refreshCookieName),
}

// refreshTokens returns all refresh tokens of a request.
func refreshTokens(ctx context.Context, body *api.RefreshTokensRequest) ([]string, error) {
	cookies := httpkit.CookiesOf(ctx)
	switch {
	case cookies == nil && body == nil:
		return nil, wrongBody("required", "Is required without X-Token-Transport: cookie.")
	case cookies == nil:
		return []string{body.RefreshToken}, nil
	case body != nil:
		return nil, wrongBody("not_allowed", "Must be absent with X-Token-Transport: cookie.")
	}
	return slices.Compact(cookies.Values(refreshCookieName)), nil
}

func wrongBody(code, detail string) error {
	return problem.Invalid(problem.FieldError{Pointer: "/refresh_token", Code: code, Detail: detail})
}

// clearRefreshCookie is for the end of a session. The device cookie stays.
func clearRefreshCookie(ctx context.Context) {
	if cookies := httpkit.CookiesOf(ctx); cookies != nil {
		cookies.Clear(refreshCookieName)
	}
}

// deviceCookie returns the device token of a request that uses cookies; empty if there is none, or
// several.
func deviceCookie(ctx context.Context) string {
	cookies := httpkit.CookiesOf(ctx)
	if cookies == nil {
		return ""
	}
	if values := cookies.Values(deviceCookieName); len(values) == 1 {
		return values[0]
	}
	return ""
}
