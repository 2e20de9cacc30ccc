package slice_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"example.com/plinth/tools/scaffold/internal/slice"
)

const lockfile = `{
  "name": "plinth",
  "packages": {
    "": {
      "workspaces": ["*", "tools/*"]
    },
    "e2e": {
      "devDependencies": {
        "shared": "1",
        "unshared": "1"
      }
    },
    "node_modules/e2e": {
      "resolved": "e2e",
      "link": true
    },
    "node_modules/mock": {
      "resolved": "tools/mock",
      "link": true
    },
    "node_modules/shared": {
      "version": "1.0.0",
      "peerDependencies": {
        "absent": "1",
        "deep": "1"
      }
    },
    "node_modules/deep": {
      "version": "1.0.0"
    },
    "tools/mock": {
      "dependencies": {
        "nested": "1",
        "shared": "1"
      }
    },
    "tools/mock/node_modules/nested": {
      "version": "1.0.0"
    },
    "node_modules/unshared": {
      "version": "1.0.0"
    }
  }
}
`

const lockfileWithoutWeb = `{
  "name": "plinth",
  "packages": {
    "": {
      "workspaces": ["*", "tools/*"]
    },
    "node_modules/mock": {
      "resolved": "tools/mock",
      "link": true
    },
    "node_modules/shared": {
      "version": "1.0.0",
      "peerDependencies": {
        "absent": "1",
        "deep": "1"
      }
    },
    "node_modules/deep": {
      "version": "1.0.0"
    },
    "tools/mock": {
      "dependencies": {
        "nested": "1",
        "shared": "1"
      }
    },
    "tools/mock/node_modules/nested": {
      "version": "1.0.0"
    }
  }
}
`

func TestStripLockfile(t *testing.T) {
	t.Parallel()
	actual, err := os.ReadFile(filepath.Join(root, slice.Lockfile))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, text, want string
		without          []string
	}{
		{name: "without a workspace", text: lockfile, want: lockfileWithoutWeb, without: []string{"web"}},
		{name: "with all workspaces", text: lockfile, want: lockfile},
		{name: "of this repository", text: string(actual), want: string(actual), without: []string{"audit"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := slice.StripLockfile(test.text, func(name string) bool { return !slices.Contains(test.without, name) })
			if err != nil || got != test.want {
				t.Errorf("StripLockfile returns %v and\n%s", err, got)
			}
		})
	}
}
