package main

// place is a part of a file that a new resource edits, besides its own files: the file, and a text beside the edit.
type place struct{ file, beside string }

// places lists the steps of the recipe for a new resource that edit files of all resources. A test checks that they exist.
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
