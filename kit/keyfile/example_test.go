package keyfile_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"example.com/plinth/kit/keyfile"
)

func Example() {
	dir, err := os.MkdirTemp("", "keys")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir) //nolint:errcheck // best effort
	path := filepath.Join(dir, "keys.json")
	if err := keyfile.Run([]string{"generate", path}, io.Discard, time.Now); err != nil {
		fmt.Println(err)
		return
	}
	set, err := keyfile.Read(path)
	fmt.Println(set.Algorithm(), len(set.Keys()), err)
	// Output: EdDSA 2 <nil>
}
