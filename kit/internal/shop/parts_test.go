package shop_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
)

// TestFilesLikeFormsArriveUnchanged sends content similar to a delimiter, across the bounds of
// buffers.
func TestFilesLikeFormsArriveUnchanged(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ada := s.register(t, "user")
	path := "/api/v1/products/" + newProduct(t, ada).ID.String() + "/images"
	boundary := strings.Repeat("b", 70)
	head := "--" + boundary + "\r\nContent-Disposition: form-data; name=file; filename=a.png\r\nContent-Type: image/png\r\nContent-Length: 9\r\n\r\n"
	contents := []string{"", "\r\n", "\n\n", "\r\n--", strings.Repeat("\r\n--", 3000), "--" + boundary[1:]}
	for size := 4096 - len(head) - 80; size <= 4096; size += 5 {
		contents = append(contents, strings.Repeat("a", size)+"\r\n--"+boundary[1:]+"\r\n\r\nx")
	}
	for i, content := range contents {
		var body io.Reader = strings.NewReader(head + content + "\r\n--" + boundary + "--\r\n")
		if i%2 == 0 {
			body = iotest.OneByteReader(body)
		}
		response, text := s.send(t, http.MethodPost, path, ada.header("multipart/form-data; boundary="+boundary), body)
		want(t, "status", response.StatusCode, http.StatusCreated, text)
		sum := sha256.Sum256([]byte(content))
		if !strings.Contains(text, base64.StdEncoding.EncodeToString(sum[:])) {
			t.Errorf("%d: %d bytes arrived as %s", i, len(content), text)
		}
	}
}

func TestHeadsOfPartsAreBounded(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ada := s.register(t, "user")
	path := "/api/v1/products/" + newProduct(t, ada).ID.String() + "/images"
	caption := "--B\r\nContent-Disposition: form-data; name=caption\r\n\r\nx\r\n"
	head := "--B\r\nContent-Disposition: form-data; name=file; filename=a.png%s\r\nContent-Type: image/png\r\n%s\r\n"
	for name, test := range map[string]struct {
		parameters, fields string
		status             int
	}{
		"16 lines":      {"", strings.Repeat("a:\r\n", 12), http.StatusCreated},
		"17 lines":      {"", strings.Repeat("a:\r\n", 13), http.StatusBadRequest},
		"4 KiB":         {"", "a:" + strings.Repeat("a", 4096-len(head)) + "\r\n", http.StatusCreated},
		"a long line":   {"", "a:" + strings.Repeat("a", 4096) + "\r\n", http.StatusBadRequest},
		"long lines":    {"", strings.Repeat("a:"+strings.Repeat("a", 1000)+"\r\n", 4), http.StatusBadRequest},
		"30 parameters": {distinct(";a%d=1", 30), "", http.StatusCreated},
		"31 parameters": {distinct(";a%d=1", 31), "", http.StatusBadRequest},
	} {
		for _, before := range []string{"", caption} {
			body := before + fmt.Sprintf(head, test.parameters, test.fields) + "x\r\n--B--\r\n"
			response, text := s.send(
				t,
				http.MethodPost,
				path,
				ada.header("multipart/form-data; boundary=B"),
				strings.NewReader(body),
			)
			want(t, "status of "+name, response.StatusCode, test.status, text)
		}
	}
}

// TestHeadsOfPartsAreBoundedAcrossReads sends delimiters that the server reads in two parts.
func TestHeadsOfPartsAreBoundedAcrossReads(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ada := s.register(t, "user")
	path := "/api/v1/products/" + newProduct(t, ada).ID.String() + "/images"
	delimiter := "--" + strings.Repeat("b", 70)
	for size := 2400; size < 4800; size += 30 {
		body := delimiter + "\r\nContent-Disposition: form-data; name=file; filename=a.png\r\nContent-Type: image/png\r\n\r\n" +
			strings.Repeat(
				"a",
				size,
			) + "\r\n" + delimiter + "\r\nContent-Disposition: form-data; name=caption\r\n" +
			strings.Repeat(
				"a:\r\n",
				20,
			) + "\r\nx\r\n" + delimiter + "--\r\n"
		response, text := s.send(
			t,
			http.MethodPost,
			path,
			ada.header("multipart/form-data; boundary="+delimiter[2:]),
			strings.NewReader(body),
		)
		want(t, fmt.Sprintf("status with %d bytes", size), response.StatusCode, http.StatusBadRequest, text)
	}
}

func distinct(format string, count int) string {
	var b strings.Builder
	for i := range count {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}
