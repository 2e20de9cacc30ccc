package cli_test

import (
	"fmt"
	"os"

	"example.com/plinth/kit/cli"
)

func Example() {
	flags := cli.NewFlags()
	loud := flags.Bool("loud", false, "")
	names, err := cli.Parse(flags, []string{"--loud", "Ada"}, 1)
	if err == nil {
		fmt.Println("hello", names[0], *loud)
	}
	fmt.Println(cli.Finish(err, "Usage: hello [--loud] NAME\n", os.Stdout, os.Stderr))
	// Output:
	// hello Ada true
	// 0
}
