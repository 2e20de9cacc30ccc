package rename_test

import "testing"

func TestCopyNamesOnlyTestsThatItHas(t *testing.T) {
	t.Parallel()
	files := tree()
	files["a/a_test.go"] = "package a\n\nfunc TestOne(t *testing.T) {}\n\n// scaffold:begin\nfunc TestTwo(t *testing.T) {}\n\n// scaffold:end\n"
	files["kit/b/b_test.go"] = "package b\n\nfunc FuzzThree(f *testing.F) {}\n"
	files["lab/c_test.go"] = "package lab\n\nfunc TestFour(t *testing.T) {}\n"
	files["Makefile"] = "fuzz: ## Fuzz\n"
	files["docs/security.md"] = "# Security of `TestFour` (lab)\n\n| guarantee | mechanism | tests |\n|---|---|---|\n" +
		"| all | `x`, of Plinth | `TestOne`, `TestTwo` (a), `TestFour` (lab), `FuzzThree` (kit/b), `make fuzz` |\n" +
		"| some | y | `TestTwo` (a), `TestFour` (lab), `make timing`, which also measures |\n" +
		"| other | y | `TestOne` (kit/b) |\n"
	const want = "# Security of `TestFour` (lab)\n\n| guarantee | mechanism | tests |\n|---|---|---|\n" +
		"| all | `x`, of OrderDesk2 | `TestOne` (a), `FuzzThree` (kit/b), `make fuzz` |\n" +
		"| some | y | of the starter |\n" +
		"| other | y | of the starter |\n"
	if got := copyOf(t, files)["docs/security.md"]; got != want {
		t.Errorf("got:\n%s", got)
	}
}
