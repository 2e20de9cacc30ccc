package telemetry

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

const (
	protobuf        = "application/x-protobuf"
	otlpTimeout     = 10 * time.Second // of one attempt, the specification's default
	otlpAttempts    = 4
	otlpFirstWait   = time.Second
	otlpLongestWait = 30 * time.Second // a longer Retry-After counts as this
	maxOTLPResponse = 64 << 10
)

// otlpClient sends spans by OTLP over HTTP with protobuf, compressed with gzip. It implements
// [otlptrace.Client]. The client of OpenTelemetry's SDK, otlptracehttp, links gRPC and its gateway.
type otlpClient struct {
	url       string
	headers   map[string]string
	firstWait time.Duration // before the first retry
	http      http.Client
}

func newOTLPClient(url string, headers map[string]string) *otlpClient {
	return &otlpClient{url: url, headers: headers, firstWait: otlpFirstWait, http: http.Client{
		Timeout:   otlpTimeout,
		Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true},
		// Headers hold keys, which must not follow a redirect to another host.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Start implements otlptrace.Client.
func (*otlpClient) Start(context.Context) error { return nil }

// Stop implements otlptrace.Client.
func (c *otlpClient) Stop(context.Context) error {
	c.http.CloseIdleConnections()
	return nil
}

// UploadTraces implements otlptrace.Client. It retries what the specification calls retryable, with
// exponential backoff.
func (c *otlpClient) UploadTraces(ctx context.Context, spans []*tracepb.ResourceSpans) error {
	// On the wire TracesData is an ExportTraceServiceRequest, whose Go package imports gRPC.
	message, err := proto.Marshal(&tracepb.TracesData{ResourceSpans: spans})
	if err != nil {
		return fmt.Errorf("encoding spans: %w", err)
	}
	var body bytes.Buffer
	compressor := gzip.NewWriter(&body)
	_, err = compressor.Write(message)
	if err = errors.Join(err, compressor.Close()); err != nil {
		return fmt.Errorf("compressing spans: %w", err)
	}
	backoff := c.firstWait
	for attempt := 1; ; attempt++ {
		retryAfter, err := c.send(ctx, body.Bytes())
		if err == nil || retryAfter < 0 || attempt == otlpAttempts || ctx.Err() != nil {
			return err
		}
		wait := max(retryAfter, backoff/2+rand.N(backoff)) //nolint:gosec // G404: jitter need not be unpredictable
		select {
		case <-ctx.Done():
			return err
		case <-time.After(wait):
		}
		backoff *= 2
	}
}

// noRetry is the retryAfter of an error that a retry does not mend.
const noRetry time.Duration = -1

// send makes one attempt. After a retryable error, retryAfter is how long the collector asks to
// wait, or 0.
func (c *otlpClient) send(ctx context.Context, body []byte) (retryAfter time.Duration, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return noRetry, err
	}
	request.Header.Set("User-Agent", "OTel-OTLP-Exporter-Go/"+otlptrace.Version())
	for name, value := range c.headers {
		request.Header.Set(name, value)
	}
	request.Header.Set("Content-Type", protobuf)
	request.Header.Set("Content-Encoding", "gzip")
	response, err := c.http.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close() //nolint:errcheck // it was only read from
	content, err := io.ReadAll(io.LimitReader(response.Body, maxOTLPResponse))
	switch {
	case err != nil:
		return 0, err
	case response.StatusCode >= http.StatusMultipleChoices:
		return retryDelay(response), fmt.Errorf("the collector responded %s", response.Status)
	case len(content) > 0 && strings.HasPrefix(response.Header.Get("Content-Type"), protobuf):
		// The response to a full success is an empty message.
		return noRetry, fmt.Errorf("the collector rejected a part of the spans: %q", content)
	}
	return 0, nil
}

// retryDelay returns the Retry-After of a retryable status, in seconds, else noRetry.
func retryDelay(response *http.Response) time.Duration {
	switch response.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
	default:
		return noRetry
	}
	seconds, err := strconv.Atoi(response.Header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return min(time.Duration(seconds)*time.Second, otlpLongestWait)
}
