package testdb_test

import (
	"fmt"
	"os"
	"testing"

	"example.com/plinth/kit/testdb"
)

// A test package has one Server, in a variable, for all its tests.
func Example() {
	server := testdb.New(testdb.Options{Project: "orders", Getenv: os.Getenv})
	test := func(t *testing.T) {
		t.Helper()
		databaseURL := server.EmptyURL(t)
		testdb.Exec(t, databaseURL, "CREATE TABLE orders (id int)")
		if n := testdb.Value[int](t, databaseURL, "SELECT count(*) FROM orders"); n != 0 {
			t.Errorf("%d orders, want 0", n)
		}
	}
	fmt.Printf("%T", test)
	// Output: func(*testing.T)
}
