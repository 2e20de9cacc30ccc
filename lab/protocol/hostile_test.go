//go:build !race

package protocol_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"example.com/plinth/internal/apitest"
)

// maxAmplification is how many bytes the server may allocate for each byte of a request that it
// refuses.
const maxAmplification = 20

// TestHostileRequestsAllocateInProportion sends the worst requests of the greatest size and
// compares what the process allocates with what it was sent.
//
//nolint:paralleltest // it counts what the whole process allocates
func TestHostileRequestsAllocateInProportion(t *testing.T) {
	s := apitest.NewServer(t, apitest.Options{Settings: map[string]string{"TRUSTED_PROXIES": "127.0.0.1"}})
	admin := s.RegisterAdmin()
	for _, hostile := range hostileRequests(admin.Tokens.AccessToken) {
		t.Run(hostile.name, func(t *testing.T) { //nolint:paralleltest // as above
			status, ratio := amplification(t, s, hostile.raw)
			t.Logf("%s: %d, %.1f bytes for each of %d", hostile.name, status, ratio, len(hostile.raw))
			if status < 400 || status >= 500 {
				t.Errorf("status %d", status)
			}
			if ratio > maxAmplification {
				t.Errorf("%.1f bytes are allocated for each byte of the request, at most %d are allowed", ratio, maxAmplification)
			}
		})
	}
}

// amplification returns the status of a raw request, and the bytes that are allocated for each byte
// of it.
func amplification(t *testing.T, s *apitest.Server, raw string) (status int, ratio float64) {
	t.Helper()
	message := []byte(raw)
	allocated := allocatedBytes(8, func() { status = sendRaw(t, s, message) })
	return status, allocated / float64(len(raw))
}

// allocatedBytes returns how many bytes the process allocates in one run.
func allocatedBytes(runs int, run func()) float64 {
	run() // what is made once
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range runs {
		run()
	}
	runtime.ReadMemStats(&after)
	return float64(after.TotalAlloc-before.TotalAlloc) / float64(runs)
}

type hostileRequest struct{ name, raw string }

// hostileRequests are as great as the server reads them, each of many small parts of one kind.
func hostileRequests(token string) []hostileRequest {
	const maxHead, maxBody = 32000, 64 << 10
	numbers := func(format string, size int) string {
		var b strings.Builder
		for i := 0; b.Len() < size-20; i++ {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	head := func(line, headers string) string { return line + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n" }
	body := func(text string) string {
		return head("POST "+apitest.LoginPath, fmt.Sprintf("Content-Type: application/json\r\nContent-Length: %d\r\n", len(text))) + text
	}
	members := "{" + strings.TrimSuffix(numbers(`"%x":0,`, maxBody), ",") + "}"
	list := func(item string) string {
		return "[" + strings.TrimSuffix(strings.Repeat(item+",", (maxBody-8)/(len(item)+1)), ",") + "]"
	}
	inEmail := func(value string) string {
		return `{"password":"x","email":` + value[:len(value)-40] + value[len(value)-1:] + "}"
	}
	asAdmin := "Authorization: Bearer " + token + "\r\n"
	var chunks strings.Builder
	for chunks.Len() < maxBody {
		chunks.WriteString("1\r\n \r\n")
	}
	return []hostileRequest{
		{"members", body(members)},
		{"members of an unknown member", body(`{"x":{` + strings.TrimSuffix(numbers(`"%x":0,`, maxBody-20), ",") + "}}")},
		{"members of a text", body(`{"password":"x","email":{` + strings.TrimSuffix(numbers(`"%x":0,`, maxBody-60), ",") + "}}")},
		{"a list for an object", body(list("0"))},
		{"a list for a text", body(inEmail(list("0")))},
		{"lists", body(inEmail(list("[]")))},
		{"objects", body(inEmail(list("{}")))},
		{"objects of one member", body(inEmail(list(`{"a":1}`)))},
		{"texts of control characters", body(inEmail(list(`"\u0000"`)))},
		{"numbers beyond all bounds", body(inEmail(list("1e999")))},
		{"a long text", body(`{"password":"x","email":"` + strings.Repeat("a", maxBody-60) + `"}`)},
		{"a text of escapes", body(`{"password":"x","email":"` + strings.Repeat(`\u0041`, maxBody/6-10) + `"}`)},
		{"a long name", body(`{"` + strings.Repeat(`\u0041`, maxBody/6-10) + `":1}`)},
		{"brackets", body(strings.Repeat("[", maxBody))},
		{"white space", body(strings.Repeat(" ", maxBody))},
		{"chunks", head("POST "+apitest.LoginPath, "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n") + chunks.String() + "0\r\n\r\n"},

		{"parameters of none", head("GET /health?"+numbers("&%x", maxHead), "")},
		{"parameters", head("GET /api/v1/users?"+numbers("&%x", maxHead-1000), asAdmin)},
		{"a declared parameter", head("GET /api/v1/users?"+strings.Repeat("&role", 6000), asAdmin)},
		{"empty parameters", head("GET /api/v1/users?"+strings.Repeat("&", maxHead-1000), asAdmin)},
		{"a long path", head("GET /"+strings.Repeat("a", maxHead), "")},
		{"a path of escapes", head("GET /"+strings.Repeat("%3C", maxHead/3), "")},
		{"a path of segments", head("GET /"+strings.Repeat("a/", maxHead/2), "")},
		{"a long id", head("GET /api/v1/users/"+strings.Repeat("%41", 10000), asAdmin)},
		{"a long method", head(strings.Repeat("A", maxHead)+" /", "")},

		{"headers", head("GET /nowhere", numbers("%x:\n", 30000))},
		{"a header again and again", head("GET /nowhere", strings.Repeat("a:\n", 10000))},
		{"cookies", head("GET /nowhere", "Cookie: "+numbers("%x=;", 30000)+"\r\n")},
		{"proxies", head("GET /nowhere", "X-Forwarded-For: "+strings.Repeat(",", 31000)+"\r\n")},
		{"proxies that are trusted", head("GET /nowhere", "X-Forwarded-For: "+strings.Repeat("127.0.0.1,", 3100)+"\r\n")},
		{"connection options", head("GET /nowhere", "Connection: "+strings.Repeat("a,", 15000)+"\r\n")},
		{"a long request id", head("GET /nowhere", "X-Request-Id: "+strings.Repeat("a", 31000)+"\r\n")},
		{"a long user agent", head("GET /nowhere", "User-Agent: "+strings.Repeat("a", 31000)+"\r\n")},
		{"a long token", head("GET "+apitest.MePath, "Authorization: Bearer "+strings.Repeat("a", 31000)+"\r\n")},
		{"trace state", head("GET /nowhere", "Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n"+
			"Tracestate: "+numbers("a%x=1,", 31000)+"\r\n")},
		{"entity tags", head("PATCH "+apitest.MePath, asAdmin+"Content-Type: application/json\r\nContent-Length: 12\r\nIf-Match: "+
			strings.TrimSuffix(strings.Repeat(`"",`, 10000), ",")+"\r\n") + `{"name":"x"}`},
		{"media type parameters", head("POST "+apitest.LoginPath, "Content-Length: 2\r\nContent-Type: application/json"+numbers(";a%x=1", 31000)+"\r\n") + "{}"},
		{"announced trailers", head("POST "+apitest.LoginPath, "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nTrailer: "+
			strings.TrimSuffix(numbers("%x,", 31000), ",")+"\r\n") + "2\r\n{}\r\n0\r\n\r\n"},
	}
}
