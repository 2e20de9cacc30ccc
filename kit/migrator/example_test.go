package migrator_test

import (
	"context"
	"fmt"
	"testing/fstest"

	"example.com/plinth/kit/migrator"
)

// Real files are embedded with go:embed.
func Example() {
	files := fstest.MapFS{
		"20260102150405_create_orders.up.sql":   {Data: []byte("CREATE TABLE orders (id int)")},
		"20260102150405_create_orders.down.sql": {Data: []byte("DROP TABLE orders")},
	}
	m, err := migrator.New("postgres://owner@127.0.0.1:1/orders", files, migrator.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	applied, err := m.Up(context.Background())
	fmt.Println(len(applied), err != nil) // nothing listens on port 1
	// Output: 0 true
}
