// Package load sends HTTP requests to a local server and measures its responses. It writes
// precomputed requests and parses as little of a response as possible, to leave the processor to
// the server.
package load

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Request returns the bytes of a request; headers are lines without line ends.
func Request(method, path, body string, headers ...string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: localhost\r\n", method, path)
	for _, header := range headers {
		b.WriteString(header + "\r\n")
	}
	if body != "" {
		fmt.Fprintf(&b, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	}
	b.WriteString("\r\n" + body)
	return b.Bytes()
}

// Answer is a response.
type Answer struct {
	Status     int
	RetryAfter time.Duration
	Body       []byte // valid until the next request on the connection
}

// Conn is a keep-alive connection, for one goroutine.
type Conn struct {
	conn   net.Conn
	reader *bufio.Reader
	body   []byte
}

// Dial connects to address.
func Dial(ctx context.Context, address string) (*Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return &Conn{conn: conn, reader: bufio.NewReader(conn)}, nil
}

// Close ends the connection.
func (c *Conn) Close() error { return c.conn.Close() }

// Do sends a request and reads its response, with a timeout of 30 s.
func (c *Conn) Do(request []byte) (Answer, error) {
	if err := c.conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		return Answer{}, err
	}
	if _, err := c.conn.Write(request); err != nil {
		return Answer{}, err
	}
	line, err := c.reader.ReadSlice('\n')
	if err != nil {
		return Answer{}, err
	}
	if len(line) < len("HTTP/1.1 200") {
		return Answer{}, errors.New("no status line")
	}
	status, err := strconv.Atoi(string(line[9:12]))
	if err != nil {
		return Answer{}, fmt.Errorf("reading the status: %w", err)
	}
	answer := Answer{Status: status}
	length, err := c.readHeader(&answer)
	if err != nil {
		return Answer{}, err
	}
	c.body = slices.Grow(c.body[:0], length)[:length]
	answer.Body = c.body
	_, err = io.ReadFull(c.reader, c.body)
	return answer, err
}

// readHeader reads the header and returns the length of the body.
func (c *Conn) readHeader(answer *Answer) (int, error) {
	length := 0
	for {
		line, err := c.reader.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		name, value, found := bytes.Cut(textproto.TrimBytes(line), []byte(": "))
		if !found {
			return length, nil
		}
		switch string(name) {
		case "Content-Length":
			if length, err = strconv.Atoi(string(value)); err != nil {
				return 0, fmt.Errorf("reading Content-Length: %w", err)
			}
		case "Retry-After":
			seconds, _ := strconv.Atoi(string(value))
			answer.RetryAfter = time.Duration(seconds) * time.Second
		case "Transfer-Encoding":
			return 0, errors.New("chunked responses are not supported")
		}
	}
}

// Result is the outcome of a measurement.
type Result struct {
	Statuses  map[int]int
	Failures  int // requests without a response
	Latencies []time.Duration
	Elapsed   time.Duration
}

// Requests returns the number of responses.
func (r Result) Requests() int { return len(r.Latencies) }

// Rate returns the responses per second.
func (r Result) Rate() float64 { return float64(r.Requests()) / r.Elapsed.Seconds() }

// Quantile returns the q-quantile of the latencies.
func (r Result) Quantile(q float64) time.Duration {
	if len(r.Latencies) == 0 {
		return 0
	}
	slices.Sort(r.Latencies)
	return r.Latencies[min(int(q*float64(len(r.Latencies))), len(r.Latencies)-1)]
}

// Closed sends requests in a closed loop: on one connection per request, each repeated after its
// response.
func Closed(ctx context.Context, address string, requests [][]byte, duration time.Duration) (Result, error) {
	return each(ctx, address, len(requests), func(i int, conn *Conn, note func(Answer, time.Duration)) error {
		for end := time.Now().Add(duration); time.Now().Before(end) && ctx.Err() == nil; {
			started := time.Now()
			answer, err := conn.Do(requests[i])
			if err != nil {
				return err
			}
			note(answer, time.Since(started))
		}
		return nil
	})
}

// Steady sends rate requests per second, spread over the connections, independent of response
// times. Latencies are measured from when a request was due, which avoids coordinated omission.
func Steady(ctx context.Context, address string, requests [][]byte, rate int, duration time.Duration) (Result, error) {
	interval := time.Duration(len(requests)) * time.Second / time.Duration(rate)
	begin := time.Now()
	return each(ctx, address, len(requests), func(i int, conn *Conn, note func(Answer, time.Duration)) error {
		due := begin.Add(interval * time.Duration(i) / time.Duration(len(requests)))
		for ; due.Before(begin.Add(duration)) && ctx.Err() == nil; due = due.Add(interval) {
			time.Sleep(time.Until(due))
			answer, err := conn.Do(requests[i])
			if err != nil {
				return err
			}
			note(answer, time.Since(due))
		}
		return nil
	})
}

// Flood sends requests until ctx ends. Polite clients wait for Retry-After; others retry
// immediately.
func Flood(ctx context.Context, address string, requests [][]byte, polite bool) (Result, error) {
	return each(ctx, address, len(requests), func(i int, conn *Conn, note func(Answer, time.Duration)) error {
		for ctx.Err() == nil {
			started := time.Now()
			answer, err := conn.Do(requests[i])
			if err != nil {
				return err
			}
			note(answer, time.Since(started))
			if polite && answer.RetryAfter > 0 {
				select {
				case <-ctx.Done():
				case <-time.After(answer.RetryAfter):
				}
			}
		}
		return nil
	})
}

// each runs a client per connection and merges their results.
func each(
	ctx context.Context, address string, n int, client func(i int, conn *Conn, note func(Answer, time.Duration)) error,
) (Result, error) {
	results := make([]Result, n)
	failures := make([]error, n)
	started := time.Now()
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			results[i].Statuses = map[int]int{}
			conn, err := Dial(ctx, address)
			if err == nil {
				defer conn.Close() //nolint:errcheck // it was only read
				err = client(i, conn, func(answer Answer, latency time.Duration) {
					results[i].Statuses[answer.Status]++
					results[i].Latencies = append(results[i].Latencies, latency)
				})
			}
			failures[i] = err
		})
	}
	group.Wait()
	total := Result{Statuses: map[int]int{}, Elapsed: time.Since(started)}
	for i, result := range results {
		total.Latencies = append(total.Latencies, result.Latencies...)
		for status, count := range result.Statuses {
			total.Statuses[status] += count
		}
		if failures[i] != nil {
			total.Failures++
		}
	}
	return total, errors.Join(failures...)
}
