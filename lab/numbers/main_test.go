package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
)

func TestMeasureCopy(t *testing.T) {
	t.Parallel()
	got, err := measureCopy(fstest.MapFS{
		".scaffold.json":             {Data: []byte(`{"slices": {"web": true, "kubernetes": false, "typescript": true}}`)},
		"README.md":                  {},
		"gen/api/api.gen.go":         {Data: []byte("1\n2\n")},
		"internal/httpapi/x.go":      {Data: []byte("1\n2\n3\n")},
		"internal/httpapi/x_test.go": {Data: []byte("1\n")},
		"kit/x.go":                   {Data: []byte("1\n")},
	})
	want := size{slices: []string{"typescript", "web"}, files: 5, product: 3, test: 1, httpapi: 2}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestPlacesExist(t *testing.T) {
	t.Parallel()
	for _, place := range places() {
		text, err := os.ReadFile(filepath.Join("..", "..", place.file))
		if err != nil || !strings.Contains(string(text), place.beside) {
			t.Errorf("%s does not contain %q (%v): correct the list of places", place.file, place.beside, err)
		}
	}
}
