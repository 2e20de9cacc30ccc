package plinth

import (
	"context"
	"errors"
	"io"
	"time"

	"example.com/plinth/gen/apiclient"
	"example.com/plinth/kit/clientkit"
)

// ErrSessionEnded is wrapped by the errors of calls whose session has ended: the user has to log in
// again.
var ErrSessionEnded = clientkit.ErrSessionEnded

type (
	// Tokens are the credentials of a session. Protect them like a password.
	Tokens = clientkit.Tokens
	// TokenStore stores the tokens of a session. Programs that share a session share the store.
	TokenStore = clientkit.TokenStore
	// MemoryTokens stores the tokens in memory. The zero value is empty.
	MemoryTokens = clientkit.MemoryTokens
	// Part is a part of a multipart form.
	Part = clientkit.Part
)

// Form returns the media type and the body of a multipart form (RFC 7578), for operations that take
// files. The body is streamed from the parts' contents, so it can be sent only once.
func Form(parts ...Part) (mediaType string, body io.Reader) { return clientkit.Form(parts...) }

// exchange exchanges a refresh token for the tokens that follow it.
func (c *Client) exchange(ctx context.Context, refreshToken string) (Tokens, error) {
	request := apiclient.RefreshTokensRequest{RefreshToken: refreshToken}
	response, err := c.public.RefreshTokensWithResponse(ctx, request)
	if err != nil {
		return Tokens{}, err
	}
	return tokensOf(response.JSON200)
}

// open stores the tokens of a response. device is the current device token.
func (c *Client) open(ctx context.Context, response *apiclient.TokenResponse, device string) error {
	tokens, err := tokensOf(response)
	if err != nil {
		return err
	}
	if tokens.Device == "" {
		tokens.Device = device
	}
	return c.store.Save(ctx, tokens)
}

func tokensOf(response *apiclient.TokenResponse) (Tokens, error) {
	if response == nil {
		return Tokens{}, errors.New("the response has no tokens")
	}
	tokens := Tokens{
		Access: response.AccessToken, Refresh: response.RefreshToken,
		ExpiresAt: time.Now().Add(time.Duration(response.ExpiresIn) * time.Second),
	}
	if response.DeviceToken != nil {
		tokens.Device = *response.DeviceToken
	}
	return tokens, nil
}
