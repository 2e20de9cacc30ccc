package idgen_test

import (
	"crypto/rand"
	"fmt"
	"time"

	"example.com/plinth/kit/idgen"
)

func Example() {
	ids := idgen.New(time.Now, rand.Reader)
	id, err := ids.New()
	fmt.Println(len(id), idgen.Valid(id), err)
	// Output: 26 true <nil>
}
