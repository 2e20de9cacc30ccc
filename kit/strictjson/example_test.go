package strictjson_test

import (
	"context"
	"errors"
	"fmt"

	"example.com/plinth/kit/strictjson"
)

func ExampleDecode() {
	decoded, err := strictjson.Decode(context.Background(), []byte(`{"name":"Ada","age":36}`), nil)
	fmt.Println(decoded.Value, err)
	_, err = strictjson.Decode(context.Background(), []byte(`{"name":"Ada","name":"Eve"}`), nil)
	fmt.Println(errors.Is(err, strictjson.ErrMalformed))
	// Output:
	// map[age:36 name:Ada] <nil>
	// true
}
