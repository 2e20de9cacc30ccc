//go:build !race

package shop_test

import (
	"bufio"
	"fmt"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"
)

// maxAmplification bounds the bytes that the server allocates for each byte of a refused request.
const maxAmplification = 20

// TestHostileFormsAndFiltersAllocateInProportion sends multipart forms and deep objects.
//
//nolint:paralleltest // counts the allocations of the process
func TestHostileFormsAndFiltersAllocateInProportion(t *testing.T) {
	s := newServer(t)
	ada := s.register(t, "user")
	images := "/api/v1/products/" + newProduct(t, ada).ID.String() + "/images"
	for name, raw := range hostileRequests(images, ada.token) {
		t.Run(name, func(t *testing.T) { //nolint:paralleltest // as above
			status := sendRaw(t, s, raw) // allocates caches
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			const runs = 8
			for range runs {
				sendRaw(t, s, raw)
			}
			runtime.ReadMemStats(&after)
			ratio := float64(after.TotalAlloc-before.TotalAlloc) / runs / float64(len(raw))
			t.Logf("%s: %d, %.1f bytes for each of %d", name, status, ratio, len(raw))
			if status < 400 || status >= 500 {
				t.Errorf("status %d", status)
			}
			if ratio > maxAmplification {
				t.Errorf(
					"%.1f bytes are allocated for each byte of the request, at most %d are allowed",
					ratio,
					maxAmplification,
				)
			}
		})
	}
}

func hostileRequests(images, token string) map[string]string {
	const maxBody = 1 << 20
	numbers := func(format string, size int) string {
		var b strings.Builder
		for i := 0; b.Len() < size-20; i++ {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	form := func(parts ...string) string {
		body := "--B\r\n" + strings.Join(parts, "\r\n--B\r\n") + "\r\n--B--\r\n"
		return fmt.Sprintf(
			"POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: multipart/form-data; boundary=B\r\n"+
				"Content-Length: %d\r\n\r\n%s",
			images,
			token,
			len(body),
			body,
		)
	}
	get := func(query string) string { return "GET /api/v1/products?" + query + " HTTP/1.1\r\nHost: x\r\n\r\n" }
	const disposition = "Content-Disposition: form-data; name=file; filename=a.png"
	file := disposition + "\r\nContent-Type: image/png"
	steps := strings.Repeat("["+strings.Repeat("x", 12)+"]", 30)
	filters := strings.TrimSuffix(numbers("filter[a%d]"+steps+"=1&", 28_000), "&") // 64 parameters
	return map[string]string{
		"fields of a part":           form(file+"\r\n"+numbers("a%x:\r\n", 80_000)+"\r\nx", "\r\nx"),
		"a field again and again":    form(file+"\r\n"+strings.Repeat("a:\r\n", 9_900)+"\r\nx", "\r\nx"),
		"fields of a later part":     form(file+"\r\n\r\nx", file+"\r\n"+numbers("a%x:\r\n", 80_000)+"\r\nx"),
		"fields after an empty part": form(file + "\r\n\r\n--B\r\n" + numbers("a%x:\r\n", 80_000) + "\r\nx"),
		"media type parameters": form(
			disposition + "\r\nContent-Type: image/png" + numbers(";a%x=1", maxBody/2) + "\r\n\r\nx",
		),
		"few media type parameters": form(
			disposition + "\r\nContent-Type: image/png" + numbers(";a%x=1", 3_900) + "\r\n\r\nx",
		),
		"disposition parameters": form(
			disposition+numbers(";a%x=1", maxBody/2)+"\r\nContent-Type: image/png\r\n\r\nx",
			"\r\nx",
		),
		"few disposition parameters": form(
			disposition+numbers(";a%x=1", 3_900)+"\r\nContent-Type: image/png\r\n\r\nx",
			"\r\nx",
		),
		"a long preamble":             form(strings.Repeat("\n", maxBody/2)),
		"line breaks in a file":       form(file+"\r\n\r\n"+strings.Repeat("\n", maxBody/2), "\r\nx"),
		"almost delimiters in a file": form(file+"\r\n\r\n"+strings.Repeat("\r\n--Bx\r\n\r\n", maxBody/30), "\r\nx"),
		"unknown members of a filter": get(filters),
		"members of a text":           get(strings.ReplaceAll(filters, "[a", "[name][a")),
		"deep members of a list":      get(strings.ReplaceAll(filters, "[a", "[colors][")),
	}
}

// sendRaw returns the status of a raw request.
func sendRaw(t *testing.T, s *server, message string) (status int) {
	t.Helper()
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.url, "http://"))
	must(t, err)
	defer c.Close() //nolint:errcheck // only read from
	must(t, c.SetDeadline(time.Now().Add(time.Minute)))
	_, _ = c.Write([]byte(message)) // the server may respond and close early
	var version string
	_, err = fmt.Fscanf(bufio.NewReader(c), "%s %d", &version, &status)
	must(t, err)
	return status
}
