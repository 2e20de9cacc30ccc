package pgkit_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"example.com/plinth/kit/pgkit"
)

// A store classifies errors and names them in its own terms.
func Example() {
	ctx := context.Background()
	errNameTaken, errUnavailable := errors.New("name taken"), errors.New("unavailable")
	pool, err := pgkit.Open(ctx, "postgres://service@127.0.0.1:1/orders", pgkit.Options{MaxConns: 8})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer pool.Close()
	err = pool.InTx(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO orders (name) VALUES ($1)", "first")
		return err
	})
	switch {
	case pgkit.Violated(err) == "orders_name_key":
		fmt.Println(errNameTaken)
	case pgkit.Unavailable(err): // nothing listens on port 1
		fmt.Println(errUnavailable)
	}
	// Output: unavailable
}
