package shop_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
	"testing"

	"example.com/plinth/kit/internal/gen/shopclient"
)

// field is a part of a form: a text, or a file if it has a media type.
type field struct{ name, mediaType, content string }

func form(t *testing.T, fields ...field) (mediaType string, body *bytes.Buffer) {
	t.Helper()
	body = &bytes.Buffer{}
	w := multipart.NewWriter(body)
	for _, f := range fields {
		header := textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name=%q`, f.name)}}
		if f.mediaType != "" {
			header.Set("Content-Disposition", fmt.Sprintf(`form-data; name=%q; filename="a.png"`, f.name))
			header.Set("Content-Type", f.mediaType)
		}
		part, err := w.CreatePart(header)
		must(t, err)
		_, err = io.WriteString(part, f.content)
		must(t, err)
	}
	must(t, w.Close())
	return w.FormDataContentType(), body
}

func upload(t *testing.T, a account, content string) shopclient.Image {
	t.Helper()
	mediaType, body := form(
		t,
		field{"file", "image/png", content},
		field{"meta", "", `{"width":640,"height":480}`},
		field{"caption", "", "From the front"},
	)
	response, err := a.UploadImageWithBodyWithResponse(t.Context(), *newProduct(t, a).ID, mediaType, body)
	must(t, err)
	if response.JSON201 == nil {
		t.Fatalf("%d %s", response.StatusCode(), response.Body)
	}
	return *response.JSON201
}

func TestUpload(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ada := s.register(t, "user")
	content := strings.Repeat("0123456789abcdef", 50_000) // 800 KB, larger than any buffer
	image := upload(t, ada, content)
	sum := sha256.Sum256([]byte(content))
	if image.Size != int64(len(content)) || !bytes.Equal(image.Sha256, sum[:]) || *image.Caption != "From the front" ||
		image.MediaType != "image/png" {
		t.Errorf("got %+v", image)
	}
}

func TestInvalidUploads(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ada := s.register(t, "user")
	path := "/api/v1/products/" + newProduct(t, ada).ID.String() + "/images"
	file := field{"file", "image/png", "x"}
	for name, test := range map[string]struct {
		fields []field
		status int
		tells  string
	}{
		"no file":              {[]field{{"caption", "", "x"}}, 422, `"code":"required","detail":"Is required.","pointer":"/file"`},
		"two files":            {[]field{file, file}, 422, "only once"},
		"an unknown part":      {[]field{file, {"more", "", "x"}}, 422, `"code":"unknown_member","detail":"The contract has no such member.","pointer":"/more"`},
		"a part without name":  {[]field{file, {"", "", "x"}}, 422, "unknown_member"},
		"another media type":   {[]field{{"file", "text/html", "x"}}, 415, "The part file must be image/png or image/jpeg."},
		"broken JSON":          {[]field{file, {"meta", "", `{"width":`}}, 400, "malformed_request"},
		"another JSON":         {[]field{file, {"meta", "", `{"width":0,"height":1}`}}, 422, `"pointer":"/meta/width"`},
		"an unknown member":    {[]field{file, {"meta", "", `{"width":1,"height":1,"depth":1}`}}, 422, `"pointer":"/meta/depth"`},
		"JSON as another type": {[]field{file, {"meta", "text/html", `{}`}}, 415, "The part meta must be application/json."},
		"a long text":          {[]field{file, {"caption", "", strings.Repeat("a", 81)}}, 422, `"pointer":"/caption"`},
		"invalid UTF-8":        {[]field{file, {"caption", "", "a\xff"}}, 422, "UTF-8"},
		"a control character":  {[]field{file, {"caption", "", "a\x00"}}, 422, "control_character"},
		"a huge text":          {[]field{file, {"caption", "", strings.Repeat("a", 70_000)}}, 413, "The part caption is larger than 64 KiB."},
		"a huge file":          {[]field{{"file", "image/png", strings.Repeat("a", 1<<20)}}, 413, "The body is larger than 1 MiB."},
		"too many parts":       {slices.Repeat([]field{{"caption", "", "x"}}, 200), 422, "only once"},
	} {
		mediaType, body := form(t, test.fields...)
		header := ada.header(mediaType)
		response, text := s.send(t, http.MethodPost, path, header, bytes.NewReader(body.Bytes()))
		want(t, "status of "+name, response.StatusCode, test.status, text)
		if !strings.Contains(text, test.tells) {
			t.Errorf("%s: got %s", name, text)
		}
		chunked, text := s.send(t, http.MethodPost, path, header, io.MultiReader(bytes.NewReader(body.Bytes())))
		want(t, "status in chunks of "+name, chunked.StatusCode, test.status, text)
	}
	mediaType, body := form(t, file)
	for name, test := range map[string]struct {
		mediaType, body string
		status          int
	}{
		"no boundary":      {"multipart/form-data", body.String(), 415},
		"a bad boundary":   {`multipart/form-data; boundary="a{b"`, body.String(), 400},
		"another form":     {"application/x-www-form-urlencoded", "file=x", 415},
		"a truncated form": {mediaType, body.String()[:body.Len()-20], 400},
		"an empty body":    {mediaType, "", 422},
		"no parts":         {mediaType, "x", 422}, // a preamble
	} {
		response, text := s.send(t, http.MethodPost, path, ada.header(test.mediaType), strings.NewReader(test.body))
		want(t, "status of "+name, response.StatusCode, test.status, text)
	}
}

// TestEncodedPartsAreRejected sends a part with an encoded boundary. A reader that decoded it would
// see another part, which was not validated.
func TestEncodedPartsAreRejected(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ada := s.register(t, "user")
	path := "/api/v1/products/" + newProduct(t, ada).ID.String() + "/images"
	for encoding, status := range map[string]int{"quoted-printable": 415, "Quoted-Printable": 415, "base64": 415, "binary": 201, "8BIT": 201} {
		body := "--B\r\nContent-Disposition: form-data; name=file; filename=a.png\r\nContent-Type: image/png\r\n" +
			"Content-Transfer-Encoding: " + encoding + "\r\n\r\n" +
			"x=0D=0A--B=0D=0AContent-Disposition: form-data; name=3Dcaption=0D=0A=0D=0A" + strings.Repeat("c", 81) + "\r\n--B--\r\n"
		response, text := s.send(
			t,
			http.MethodPost,
			path,
			ada.header("multipart/form-data; boundary=B"),
			strings.NewReader(body),
		)
		want(t, "status of "+encoding, response.StatusCode, status, text)
		if strings.Contains(text, "caption") {
			t.Errorf("%s: a part was decoded into two: %s", encoding, text)
		}
	}
}

func TestDownloadRanges(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ada := s.register(t, "user")
	path := "/api/v1/images/" + upload(t, ada, "0123456789").ID.String()
	whole, body := s.send(t, http.MethodGet, path, nil, nil)
	want(t, "status", whole.StatusCode, http.StatusOK, body)
	want(t, "body", body, "0123456789")
	want(t, "media type", whole.Header.Get("Content-Type"), "image/png")
	want(t, "disposition", whole.Header.Get("Content-Disposition"), "attachment; filename=shirt.png")
	want(t, "ranges", whole.Header.Get("Accept-Ranges"), "bytes")
	part, body := s.send(t, http.MethodGet, path, http.Header{"Range": {"bytes=2-4"}}, nil)
	want(t, "status of a range", part.StatusCode, http.StatusPartialContent, body)
	want(t, "range", part.Header.Get("Content-Range")+" "+body, "bytes 2-4/10 234")
	known, body := s.send(t, http.MethodGet, path, http.Header{"If-None-Match": {whole.Header.Get("ETag")}}, nil)
	want(t, "status of If-None-Match", known.StatusCode, http.StatusNotModified, body)
	beyond, body := s.send(t, http.MethodGet, path, http.Header{"Range": {"bytes=20-30"}}, nil)
	want(t, "status of a range beyond the end", beyond.StatusCode, http.StatusRequestedRangeNotSatisfiable, body)
	want(t, "its range", beyond.Header.Get("Content-Range"), "bytes */10")
	want(t, "its media type", beyond.Header.Get("Content-Type"), "application/problem+json")
	if !strings.Contains(body, `"code":"range_not_satisfiable"`) || beyond.Header.Get("Content-Disposition") != "" {
		t.Errorf("got %v %s", beyond.Header, body)
	}
	other, body := s.send(t, http.MethodGet, path, http.Header{"If-Match": {`"0"`}}, nil)
	want(t, "status of another version", other.StatusCode, http.StatusPreconditionFailed, body)
	odd, body := s.send(t, http.MethodGet, path, http.Header{"Range": {"lines=1-2"}}, nil)
	want(t, "status of another unit", odd.StatusCode, http.StatusUnprocessableEntity, body)
	head, body := s.send(t, http.MethodHead, path, nil, nil)
	want(t, "length by HEAD", head.Header.Get("Content-Length")+body, "10")
}

func TestUnsatisfiableRanges(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ada := s.register(t, "user")
	for _, test := range []struct{ content, asked, told string }{
		{"0123456789", "bytes=10-", "bytes */10"},
		{"0123456789", "bytes=-0", "bytes */10"},
		{"0123456789", "bytes=5-3", "bytes */10"},
		{"0123456789", "bytes=-", "bytes */10"},
		{"", "bytes=-5", "bytes */0"},
	} {
		path := "/api/v1/images/" + upload(t, ada, test.content).ID.String()
		response, body := s.send(t, http.MethodGet, path, http.Header{"Range": {test.asked}}, nil)
		want(t, "status of "+test.asked, response.StatusCode, http.StatusRequestedRangeNotSatisfiable, body)
		want(t, "range of "+test.asked, response.Header.Get("Content-Range"), test.told)
		want(t, "media type", response.Header.Get("Content-Type"), "application/problem+json")
	}
}

func TestBinaryBodies(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ada := s.register(t, "user")
	image := upload(t, ada, "old")
	replaced, err := ada.ReplaceImageWithBodyWithResponse(
		t.Context(),
		image.ID,
		"application/octet-stream",
		strings.NewReader("a\x00\xff"),
	)
	must(t, err)
	want(t, "status", replaced.StatusCode(), http.StatusNoContent, string(replaced.Body))
	path := "/api/v1/images/" + image.ID.String()
	_, body := s.send(t, http.MethodGet, path, nil, nil)
	want(t, "body", body, "a\x00\xff")
	for _, test := range []struct {
		mediaType string
		body      io.Reader
		status    int
	}{
		{"image/png", strings.NewReader("x"), 415},
		{"", strings.NewReader("x"), 415},
		{"application/octet-stream", bytes.NewReader(make([]byte, 1<<20+1)), 413},
		{"application/octet-stream", io.MultiReader(bytes.NewReader(make([]byte, 1<<20+1))), 413},
	} {
		response, text := s.send(t, http.MethodPut, path, ada.header(test.mediaType), test.body)
		want(t, "status of "+test.mediaType, response.StatusCode, test.status, text)
	}
	compressed := ada.header("application/octet-stream")
	compressed.Set("Content-Encoding", "gzip")
	response, text := s.send(t, http.MethodPut, path, compressed, strings.NewReader("x"))
	want(t, "status of a compressed body", response.StatusCode, 415, text)
}

func TestExport(t *testing.T) {
	t.Parallel()
	ada := newServer(t).register(t, "user")
	begun, err := ada.CreateExportWithResponse(t.Context())
	must(t, err)
	want(t, "status", begun.StatusCode(), http.StatusAccepted, string(begun.Body))
	want(t, "location", begun.HTTPResponse.Header.Get("Location"), "/api/v1/exports/"+begun.JSON202.ID.String())
	running, err := ada.GetExportWithResponse(t.Context(), begun.JSON202.ID)
	must(t, err)
	want(t, "status while it runs", running.StatusCode(), http.StatusOK, string(running.Body))
	done, err := ada.GetExportWithResponse(t.Context(), begun.JSON202.ID)
	must(t, err)
	want(t, "status when it is done", done.StatusCode(), http.StatusSeeOther, string(done.Body))
	want(t, "location", done.HTTPResponse.Header.Get("Location"), "/api/v1/exports/"+begun.JSON202.ID.String()+"/file")
	file, err := ada.DownloadExportWithResponse(t.Context(), begun.JSON202.ID)
	must(t, err)
	want(t, "media type", file.HTTPResponse.Header.Get("Content-Type"), "text/csv")
	want(t, "disposition", file.HTTPResponse.Header.Get("Content-Disposition"), "attachment; filename=products.csv")
	want(t, "the file", string(file.Body), "id,name\n1,\"Shirt, blue\"\n")
}
