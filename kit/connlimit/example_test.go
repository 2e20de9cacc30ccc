package connlimit_test

import (
	"fmt"
	"net"
	"net/http"
	"time"

	"example.com/plinth/kit/connlimit"
)

func Example() {
	limit := connlimit.New(2048)
	server := &http.Server{ConnState: limit.ConnState, ReadHeaderTimeout: 5 * time.Second}
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // an example
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = server.Close() // or serve until the end
	fmt.Println(server.Serve(limit.Listen(listener)))
	// Output: http: Server closed
}
