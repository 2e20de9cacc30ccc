package lab_test

import (
	"os"
	"testing"

	"example.com/plinth/kit/resource"
)

// TestPageOfAResourceFitsTheApp checks that the web app has every place and every name that the page of
// a resource needs. Without one, make resource leaves the page out.
func TestPageOfAResourceFitsTheApp(t *testing.T) {
	t.Parallel()
	r, err := resource.Spec{Name: "gadget", Fields: "title:string:1..20"}.Parse()
	if err != nil {
		t.Fatal(err)
	}
	plan, err := resource.New(os.DirFS(root), r, resource.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if plan.Skipped != nil || plan.Page() == "" {
		t.Errorf("the page is %q: %v", plan.Page(), plan.Skipped)
	}
}
