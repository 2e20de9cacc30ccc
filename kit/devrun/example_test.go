package devrun_test

import (
	"context"
	"fmt"

	"example.com/plinth/kit/devrun"
)

func Example() {
	ctx := context.Background()
	if err := devrun.CheckPort(ctx, "127.0.0.1", 0); err != nil {
		fmt.Println(err)
		return
	}
	err := devrun.Exec(ctx, []string{"sh", "-c", "exit $STATUS"}, "STATUS=3")
	fmt.Println(err)
	// Output: exit status 3
}
