package sweep_test

import (
	"context"
	"fmt"

	"example.com/plinth/kit/sweep"
)

func ExampleBatches() {
	rows := 2500
	total, err := sweep.Batches(context.Background(), 1000, func(_ context.Context, most int) (int, error) {
		deleted := min(rows, most) // DELETE … LIMIT most
		rows -= deleted
		return deleted, nil
	})
	fmt.Println(total, err)
	// Output: 2500 <nil>
}
