// Package plinth is the Go client of the API. It wraps the generated, typed client: it keeps a
// session alive, returns every error response as a [*Problem], and retries safe calls when the
// service is overloaded.
//
// It must not import the server, only the generated client and kit/clientkit.
package plinth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"example.com/plinth/gen/apiclient"
	"example.com/plinth/kit/clientkit"
)

// Options change how a Client works; the zero value works.
type Options struct {
	// HTTPClient sends the requests; nil means http.DefaultClient. Its transport and timeout are
	// used unchanged. Unless it has a CheckRedirect, redirects are not followed but returned,
	// because the contract declares them as responses.
	HTTPClient *http.Client
	// Tokens stores the session's tokens; nil means in memory, so that each run of the program logs
	// in again.
	Tokens TokenStore
	// OnSessionEnd is called when the session has ended and its tokens were deleted: the user has
	// to log in again.
	OnSessionEnd func()
	// Retries is the maximum number of retries of a GET or HEAD that was answered 503, each after
	// the time in Retry-After; 0 means 2, a negative number none.
	Retries int
}

// Client calls the API. Each operation of the contract is a method of the embedded client, named
// after its operationId. It returns either a response whose success member is set, or an error: a
// [*Problem] if the service sent an error response. A Client is safe for concurrent use.
type Client struct {
	*apiclient.ClientWithResponses

	public *apiclient.ClientWithResponses // sends no access token
	store  TokenStore
}

// New returns a client of the API at baseURL, such as https://api.example.com.
func New(baseURL string, options Options) (*Client, error) {
	if options.HTTPClient == nil {
		options.HTTPClient = http.DefaultClient
	}
	if options.Tokens == nil {
		options.Tokens = &MemoryTokens{}
	}
	c := &Client{store: options.Tokens}
	session := clientkit.NewSession(clientkit.SessionOptions{
		Store: options.Tokens, Exchange: c.exchange, StatusOf: statusOf, OnEnd: options.OnSessionEnd, Now: time.Now,
	})
	retrying := clientkit.Retrying(clientkit.WithoutRedirects(options.HTTPClient), options.Retries)
	authenticated := session.Authenticate(retrying, string(apiclient.ProblemCodeInvalidToken))
	var err error
	if c.public, err = newGenerated(baseURL, retrying); err != nil {
		return nil, err
	}
	c.ClientWithResponses, err = newGenerated(baseURL, authenticated)
	return c, err
}

// newGenerated returns a generated client that returns error responses as errors.
func newGenerated(baseURL string, doer clientkit.Doer) (*apiclient.ClientWithResponses, error) {
	client, err := apiclient.NewClientWithResponses(baseURL,
		apiclient.WithHTTPClient(clientkit.Problems(doer, readProblem)))
	if err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	return client, nil
}

// Register creates an account and logs in. Name may be empty.
func (c *Client) Register(ctx context.Context, email, password, name string) error {
	request := apiclient.RegisterUserRequest{Email: email, Password: password}
	if name != "" {
		request.Name = &name
	}
	response, err := c.public.RegisterUserWithResponse(ctx, request)
	if err != nil {
		return err
	}
	return c.open(ctx, response.JSON201, "")
}

// Login opens a session, which the client then uses and renews. It sends the device token of
// earlier logins, so that failed logins from other devices do not throttle this one.
func (c *Client) Login(ctx context.Context, email, password string) error {
	tokens, err := c.store.Load(ctx)
	if err != nil {
		return fmt.Errorf("loading tokens: %w", err)
	}
	request := apiclient.LoginUserRequest{Email: email, Password: password}
	if tokens.Device != "" {
		request.DeviceToken = &tokens.Device
	}
	response, err := c.public.LoginUserWithResponse(ctx, request)
	problem, refused := errors.AsType[*Problem](err)
	if refused && problem.Status == http.StatusUnprocessableEntity && request.DeviceToken != nil {
		// The release may not know device tokens, or may expect another format.
		request.DeviceToken = nil
		response, err = c.public.LoginUserWithResponse(ctx, request)
	}
	if err != nil {
		return err
	}
	return c.open(ctx, response.JSON200, tokens.Device)
}

// Logout revokes the session and deletes its tokens. Without a session it does nothing.
func (c *Client) Logout(ctx context.Context) error {
	tokens, err := c.store.Load(ctx)
	if err != nil || tokens.Refresh == "" {
		return err
	}
	request := apiclient.LogoutUserRequest{RefreshToken: tokens.Refresh}
	if _, err := c.public.LogoutUserWithResponse(ctx, request); err != nil {
		return err
	}
	return c.store.Save(ctx, Tokens{Device: tokens.Device})
}
