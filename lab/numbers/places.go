package main

// place is an edit of a shared file that a new resource needs: the file, and a text beside the
// edit.
type place struct{ file, beside string }

// places lists the edits of shared files in the recipe for a new resource. A test checks that the
// places exist.
func places() []place {
	return []place{
		{"CHANGELOG.md", "## [Unreleased]"},
		{"api/openapi.yaml", "\npaths:\n"},
		{"internal/app/services.go", "func NewServices("},
		{"internal/domain/store.go", "\tSessionStore\n"},
		{"internal/domain/store.go", "*SessionService"},
		{"internal/httpapi/contract_test.go", "var fixtures ="},
	}
}
