package slice_test

import (
	"slices"
	"strings"
	"testing"

	"example.com/plinth/tools/scaffold/internal/slice"
)

func left(choice slice.Choice) string {
	var names []string
	for _, s := range choice.Left() {
		names = append(names, s.Name)
	}
	return strings.Join(names, " ")
}

func TestWithoutLeavesOutDependents(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ without, want string }{
		{"", ""},
		{"web", "web"},
		{"typescript", "typescript web"},
		{"go-client typescript", "go-client typescript web"},
		{"all", strings.Join(slice.Names(), " ")},
	} {
		choice, err := slice.Without(strings.Fields(test.without)...)
		if err != nil {
			t.Fatal(err)
		}
		if got := left(choice); got != test.want {
			t.Errorf("without %q: %q is left out, want %q", test.without, got, test.want)
		}
	}
}

func TestWithTakesDependencies(t *testing.T) {
	t.Parallel()
	none, err := slice.Without("all")
	if err != nil {
		t.Fatal(err)
	}
	choice, err := none.With("web")
	if err != nil {
		t.Fatal(err)
	}
	if !choice.Has("web") || !choice.Has("typescript") || choice.Has("kubernetes") {
		t.Errorf("web brings typescript and nothing else; %q is left out", left(choice))
	}
	if none.Has("web") {
		t.Error("With changed its receiver")
	}
}

func TestUnknownSlicesAreRefused(t *testing.T) {
	t.Parallel()
	_, err := slice.Without("webb")
	if err == nil || !strings.Contains(err.Error(), "webb") || !strings.Contains(err.Error(), "typescript") {
		t.Errorf("got %v, want the name and the choices", err)
	}
	if _, err := (slice.Choice{}).With("all"); err == nil {
		t.Error("With took a name that is no slice")
	}
}

func TestTableIsInOrderAndClosed(t *testing.T) {
	t.Parallel()
	if names := slice.Names(); !slices.IsSorted(names) {
		t.Errorf("%v is not in alphabetical order", names)
	}
	for _, s := range slice.All() {
		for _, need := range s.Needs {
			if !slices.Contains(slice.Names(), need) {
				t.Errorf("%s needs %s, which does not exist", s.Name, need)
			}
		}
	}
}

func TestStrip(t *testing.T) {
	t.Parallel()
	const without = "web"
	for _, test := range []struct{ name, in, want string }{
		{"no mark", "scaffold: a word\n", "scaffold: a word\n"},
		{"a region that stays", "a\n# scaffold:begin typescript\nb\n# scaffold:end typescript\nc\n", "a\nb\nc\n"},
		{"a region that goes", "a\n# scaffold:begin web\nb\n# scaffold:end web\nc\n", "a\nc\n"},
		{"of the starter", "a\n<!-- scaffold:begin -->\nb\n<!-- scaffold:end -->\nc\n", "a\nc\n"},
		{"one of two blank lines goes", "a\n\n// scaffold:begin web\nb\n// scaffold:end web\n\nc\n", "a\n\nc\n"},
		{
			"nested", "a\n# scaffold:begin typescript\nb\n# scaffold:begin web\nc\n# scaffold:end web\nd\n# scaffold:end typescript\n",
			"a\nb\nd\n",
		},
		{
			"nested in one that goes", "# scaffold:begin web\n# scaffold:begin typescript\nc\n# scaffold:end typescript\nd\n# scaffold:end web\ne\n",
			"e\n",
		},
		{"a line that goes", "a\nb, // scaffold:only web\nc\n", "a\nc\n"},
		{"a line that stays", "a\nb, // scaffold:only typescript\nc", "a\nb,\nc"},
		{"a line of JSX", "<A />\n<B /> {/* scaffold:only web */}\n<C /> {/* scaffold:only typescript */}\n", "<A />\n<C />\n"},
		{"a line of Markdown", "| x | <!-- scaffold:only typescript -->\n", "| x |\n"},
		{"Windows's line ends", "a\r\nb # scaffold:only typescript\r\nc\r\n", "a\r\nb\r\nc\r\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := slice.Strip(test.in, func(name string) bool { return name != without && name != slice.Starter })
			if err != nil {
				t.Fatal(err)
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestStripRefusesBrokenMarks(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"# scaffold:begin web\na\n", "a\n# scaffold:end web\n", "# scaffold:begin web\n# scaffold:end typescript\n",
		"# scaffold:begin nothing\n# scaffold:end nothing\n", "a // scaffold:only nothing\n", "# scaffold:begin\n",
	} {
		if got, err := slice.Strip(text, func(string) bool { return true }); err == nil {
			t.Errorf("%q became %q, want an error", text, got)
		}
	}
}
