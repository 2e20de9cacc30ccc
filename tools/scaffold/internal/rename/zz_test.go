package rename_test

import (
	"os"
	"strings"
	"testing"

	"example.com/plinth/tools/scaffold/internal/rename"
	"example.com/plinth/tools/scaffold/internal/slice"
)

func TestZZ(t *testing.T) {
	names, _ := rename.NewNames("github.com/acme/orders", "", nil)
	choice, _ := slice.Without(strings.Fields(os.Getenv("ZZ"))...)
	if _, err := rename.Copy(t.Context(), root, os.Getenv("ZZDIR"), rename.Options{Names: names, Choice: choice}); err != nil {
		t.Fatal(err)
	}
}
