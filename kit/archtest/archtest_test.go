package archtest_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/plinth/kit/archtest"
)

// module is a small module with a module below it, and sources that the rules do not cover.
var module = map[string]string{
	"go.mod": `module example.org/shop

go 1.26.0

replace example.org/shop/kit => ./kit

require (
	example.org/shop/kit v0.0.0
	example.org/sql v1.0.0
	example.org/deep v1.0.0 // indirect
)
`,
	"kit/go.mod":              "module example.org/shop/kit\n\ngo 1.26.0\n",
	"kit/ids/ids.go":          "package ids\n\nimport _ \"example.org/unlisted\"\n",
	"cmd/shop/main.go":        "package main\n\nimport (\n\t_ \"example.org/shop/orders\"\n)\n\nfunc main() {}\n",
	"orders/orders.go":        "package orders\n\nimport _ \"strings\"\n",
	"orders/orders_test.go":   "package orders_test\n\nimport (\n\t_ \"example.org/shop/store\"\n\t_ \"example.org/sql\"\n)\n",
	"store/store.go":          "//go:build plan9\n\npackage store\n\nimport (\n\t_ \"example.org/shop/kit/ids\"\n\t_ \"example.org/shop/orders\"\n\t_ \"example.org/sql/driver\"\n)\n",
	"testdata/broken.go":      "package",
	"node_modules/x/x.go":     "package",
	".cache/x.go":             "package",
	"docs/readme.md":          "",
	"orders/testdata/fuzz.go": "package",
}

func rules() archtest.Rules {
	return archtest.Rules{
		Neighbors: map[string]string{"kit": "example.org/shop/kit"},
		MayImport: map[string][]string{"cmd/shop": {"orders"}, "orders": {}, "store": {"kit/ids", "orders"}},
		MayUse:    map[string][]string{"example.org/sql": {"store"}},
	}
}

func write(t *testing.T, files map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*archtest.Rules)
		want   []string // beginnings, sorted
	}{
		"no violation": {change: func(*archtest.Rules) {}},
		"a package may not import another": {
			change: func(r *archtest.Rules) { r.MayImport["store"] = []string{"kit/ids"} },
			want:   []string{"store/store.go imports example.org/shop/orders: store may import only kit/ids."},
		},
		"a package may not import a neighbor": {
			change: func(r *archtest.Rules) { r.MayImport["store"] = []string{"orders"} },
			want:   []string{"store/store.go imports example.org/shop/kit/ids: store may import only orders."},
		},
		"a module that only others may use": {
			change: func(r *archtest.Rules) { r.MayUse["example.org/sql"] = []string{"orders"} },
			want:   []string{"store/store.go imports example.org/sql/driver: only orders may use this module."},
		},
		"a module that is not listed": {
			change: func(r *archtest.Rules) { r.MayUse = nil },
			want: []string{
				"orders/orders_test.go imports example.org/sql: MayUse does not list its module.",
				"store/store.go imports example.org/sql/driver: MayUse does not list its module.",
			},
		},
		"a package that is not listed": {
			change: func(r *archtest.Rules) { delete(r.MayImport, "orders") },
			want:   []string{"MayImport does not list orders:"},
		},
		"rows without a package or a module": {
			change: func(r *archtest.Rules) {
				r.MayImport["gone"] = nil
				r.MayUse["example.org/deep"], r.MayUse["example.org/gone"] = nil, []string{"gone"}
			},
			want: []string{
				"MayImport lists gone, which does not exist",
				"MayUse lists example.org/deep, which go.mod does not require",
				"MayUse lists example.org/gone, which go.mod does not require",
				"MayUse lists gone, which does not exist, for example.org/gone",
			},
		},
		"a program that links an exception": {
			change: func(r *archtest.Rules) {
				r.Isolated = []archtest.Isolation{{
					Packages: []string{"cmd/shop"}, Never: []string{"orders/...", "strings"}, Except: []string{"orders"},
				}}
			},
			want: []string{"cmd/shop links strings. Its importers: example.org/shop/orders"},
		},
		"a program that links what it must not": {
			change: func(r *archtest.Rules) {
				r.Isolated = []archtest.Isolation{{
					Packages: []string{"cmd/shop"}, Never: []string{"orders/...", "strings", "store", "kit/...", "testing", "unicode/utf9"},
				}}
			},
			want: []string{
				"cmd/shop links example.org/shop/orders. Its importers: example.org/shop/cmd/shop",
				"cmd/shop links strings. Its importers: example.org/shop/orders",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rules := rules()
			rules.Dir = write(t, module)
			test.change(&rules)
			got, err := archtest.Complaints(t.Context(), rules)
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(got)
			if !slices.EqualFunc(got, test.want, strings.HasPrefix) {
				t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(test.want, "\n\t"))
			}
		})
	}
}

// One module lies below the other, as kit and lab lie below the service.
func TestNeighborAboveTheModule(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{
		"go.mod":     "module example.org/shop/lab\n\ngo 1.26.0\n",
		"try/try.go": "package try\n\nimport (\n\t_ \"example.org/shop\"\n\t_ \"example.org/shop/kit/ids\"\n\t_ \"example.org/shop/lab/bench\"\n\t_ \"example.org/shop/store\"\n)\n",
	})
	rules := archtest.Rules{
		Dir: dir, MayImport: map[string][]string{"try": {"app", "app/store", "bench", "kit/ids"}},
		Neighbors: map[string]string{"app": "example.org/shop", "kit": "example.org/shop/kit"},
	}
	if got, err := archtest.Complaints(t.Context(), rules); err != nil || len(got) > 0 {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestVendorFolder(t *testing.T) {
	t.Parallel()
	rules := archtest.Rules{Dir: write(t, map[string]string{
		"go.mod": "module example.org/x\n", "vendor/y.org/y/y.go": "package y\n\nimport _ \"z.org/z\"\n",
	})}
	if got, err := archtest.Complaints(t.Context(), rules); err != nil || len(got) > 0 {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestUnreadableModule(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]map[string]string{
		"no go.mod":      {"x.go": "package x\n"},
		"a broken file":  {"go.mod": "module example.org/x\n", "x.go": "package"},
		"a lost program": {"go.mod": "module example.org/x\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rules := archtest.Rules{Dir: write(t, files), MayImport: map[string][]string{".": {}}, Isolated: []archtest.Isolation{{Packages: []string{"cmd/none"}}}}
			if got, err := archtest.Complaints(t.Context(), rules); err == nil {
				t.Errorf("got %q, want an error", got)
			}
		})
	}
}

func TestStateless(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{
		"go.mod":    "module example.org/x\n",
		"a.go":      "package x\n\nvar (\n\tcount int\n\tseen = map[string]bool{}\n\tlimits = struct{ most int }{9}\n)\n",
		"local.go":  "package x\n\nfunc local(seen []bool) {\n\tcount := 1\n\tcount++\n\tseen[0] = true\n\t_ = limits.most + count\n}\n",
		"state.go":  "package x\n\nfunc change() {\n\tcount++\n\tseen[\"x\"] = true\n\tdelete(seen, \"x\")\n\tlimits.most = 1\n}\n",
		"x_test.go": "package x\n\nfunc reset() { count = 0 }\n",
	})
	rules := archtest.Rules{Dir: dir, MayImport: map[string][]string{".": {}}, Stateless: true}
	want := []string{
		"state.go changes the package variable count", "state.go changes the package variable seen",
		"state.go changes the package variable seen", "state.go changes the package variable limits",
	}
	if got, err := archtest.Complaints(t.Context(), rules); err != nil || !slices.EqualFunc(got, want, strings.HasPrefix) {
		t.Errorf("got %q, %v", got, err)
	}
	rules.Stateless = false
	if got, err := archtest.Complaints(t.Context(), rules); err != nil || len(got) > 0 {
		t.Errorf("got %q, %v", got, err)
	}
}
