package headguard_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"

	"example.com/plinth/kit/headguard"
)

func Example() {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Listener = headguard.Listen(server.Listener)
	server.Start()
	defer server.Close()

	conn, err := net.Dial("tcp", server.Listener.Addr().String()) //nolint:noctx // an example
	if err != nil {
		fmt.Println(err)
		return
	}
	_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n")
	response, _ := io.ReadAll(conn)
	fmt.Printf("%.15s", response)
	// Output: HTTP/1.1 400 Ba
}
