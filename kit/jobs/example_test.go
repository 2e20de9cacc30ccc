package jobs_test

import (
	"context"

	"github.com/jackc/pgx/v5"

	"example.com/plinth/kit/jobs"
)

// SendReceipt is a job.
type SendReceipt struct {
	OrderID string `json:"order_id"`
}

// Kind implements jobs.Job.
func (SendReceipt) Kind() string { return "send_receipt" }

func Example() {
	queue, err := jobs.NewQueue()
	if err != nil {
		panic(err)
	}
	pay := func(ctx context.Context, tx pgx.Tx, orderID string) error {
		if _, err := tx.Exec(ctx, "UPDATE orders SET paid_at = now() WHERE id = $1", orderID); err != nil {
			return err
		}
		return queue.Enqueue(ctx, tx, SendReceipt{OrderID: orderID})
	}
	_ = pay
}
