package api_test

import (
	"testing"

	"example.com/plinth/api"
)

func BenchmarkDocs(b *testing.B) {
	for b.Loop() {
		if _, err := api.Docs(); err != nil {
			b.Fatal(err)
		}
	}
}
func BenchmarkJSON(b *testing.B) {
	for b.Loop() {
		if _, err := api.OpenAPIJSON(); err != nil {
			b.Fatal(err)
		}
	}
}
