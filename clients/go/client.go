// Package plinth is the API's client for Go programs: the generated, typed client with what every caller needs around it.
// It keeps a session alive, turns every refusal into a [*Problem], and tries safe calls again when the service asks to.
//
// It must not know the server: it imports the generated client alone.
package plinth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"example.com/plinth/gen/apiclient"
)

// Options change how a Client works; the zero value works.
type Options struct {
	// HTTPClient sends the requests; nil means http.DefaultClient. Its transport and timeout are used as they are. Redirects
	// are answers of the contract: it follows none, unless it has a CheckRedirect of its own.
	HTTPClient *http.Client
	// Tokens keeps the session's tokens; nil means in memory, so that each program logs in anew.
	Tokens TokenStore
	// OnSessionEnd is called when the session has ended for good and its tokens were dropped: the user has to log in.
	OnSessionEnd func()
	// Retries is how often a GET or HEAD that was answered 503 is sent again, after as long as Retry-After says; 0 means
	// twice, and a negative number never.
	Retries int
}

// Client calls the API. Every operation of the contract is a method of the embedded client, named after its operationId;
// it returns either a response whose success member is set, or an error: a [*Problem] if the service refused. Safe for
// concurrent use.
type Client struct {
	*apiclient.ClientWithResponses

	session *session
}

// New returns a client of the API at baseURL, such as https://api.example.com.
func New(baseURL string, options Options) (*Client, error) {
	if options.HTTPClient == nil {
		options.HTTPClient = http.DefaultClient
	}
	if options.Tokens == nil {
		options.Tokens = &MemoryTokens{}
	}
	var retrying apiclient.HttpRequestDoer = &retrier{next: withoutRedirects(options.HTTPClient), retries: options.Retries}
	renewal, err := apiclient.NewClientWithResponses(baseURL, apiclient.WithHTTPClient(&problems{next: retrying}))
	if err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	s := &session{store: options.Tokens, renewal: renewal, onEnd: options.OnSessionEnd, now: time.Now}
	calls, err := apiclient.NewClientWithResponses(baseURL,
		apiclient.WithHTTPClient(&problems{next: &authenticator{next: retrying, session: s}}))
	if err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	return &Client{ClientWithResponses: calls, session: s}, nil
}

// withoutRedirects returns a client that hands redirects to the caller.
func withoutRedirects(client *http.Client) *http.Client {
	if client.CheckRedirect != nil {
		return client
	}
	own := *client
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &own
}

// Register creates an account and logs in. Name may be empty.
func (c *Client) Register(ctx context.Context, email, password, name string) error {
	request := apiclient.RegisterUserRequest{Email: email, Password: password}
	if name != "" {
		request.Name = &name
	}
	response, err := c.session.renewal.RegisterUserWithResponse(ctx, request)
	if err != nil {
		return err
	}
	return c.session.open(ctx, response.JSON201, "")
}

// Login opens a session, which the client then uses and renews. It sends the device token of earlier logins, so that wrong
// passwords that others send do not delay it.
func (c *Client) Login(ctx context.Context, email, password string) error {
	tokens, err := c.session.store.Load(ctx)
	if err != nil {
		return fmt.Errorf("loading tokens: %w", err)
	}
	request := apiclient.LoginUserRequest{Email: email, Password: password}
	if tokens.Device != "" {
		request.DeviceToken = &tokens.Device
	}
	response, err := c.session.renewal.LoginUserWithResponse(ctx, request)
	problem, refused := errors.AsType[*Problem](err)
	if refused && problem.Status == http.StatusUnprocessableEntity && request.DeviceToken != nil {
		// Perhaps a release that has no device tokens, or has them in another form.
		request.DeviceToken = nil
		response, err = c.session.renewal.LoginUserWithResponse(ctx, request)
	}
	if err != nil {
		return err
	}
	return c.session.open(ctx, response.JSON200, tokens.Device)
}

// Logout ends the session at the service and drops its tokens. Without a session it does nothing.
func (c *Client) Logout(ctx context.Context) error {
	tokens, err := c.session.store.Load(ctx)
	if err != nil || tokens.Refresh == "" {
		return err
	}
	if _, err := c.session.renewal.LogoutUserWithResponse(ctx, apiclient.LogoutUserRequest{RefreshToken: tokens.Refresh}); err != nil {
		return err
	}
	return c.session.store.Save(ctx, Tokens{Device: tokens.Device})
}
