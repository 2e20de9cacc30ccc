package slice

import (
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Lockfile is the path of the lockfile of npm, which lists the packages of all workspaces.
const Lockfile = "package-lock.json"

// lockedPackage is a workspace, an installed package or a link to a workspace.
type lockedPackage struct {
	Link                 bool              `json:"link"`
	Resolved             string            `json:"resolved"` // by links: the workspace
	Dependencies         map[string]string `json:"dependencies"`
	DevDependencies      map[string]string `json:"devDependencies"`
	OptionalDependencies map[string]string `json:"optionalDependencies"`
	PeerDependencies     map[string]string `json:"peerDependencies"`
}

// StripLockfile removes the workspaces of slices that has denies from the lockfile, and the packages that only they
// need. JSON has no comments, so the lockfile has no marks.
func StripLockfile(text string, has func(slice string) bool) (string, error) {
	var lock struct {
		Packages map[string]lockedPackage `json:"packages"`
	}
	if err := json.Unmarshal([]byte(text), &lock); err != nil {
		return "", fmt.Errorf("reading the lockfile: %w", err)
	}
	needed := map[string]bool{"": true}
	for name, p := range lock.Packages {
		workspace := name
		if p.Link {
			workspace = p.Resolved
		}
		lacks := func(owner string) bool { return !has(owner) }
		if !isInstalled(workspace) && !slices.ContainsFunc(Owners(workspace), lacks) {
			needed[name] = true
			markNeeded(lock.Packages, workspace, needed)
		}
	}
	return keepPackages(text, needed), nil
}

func isInstalled(name string) bool { return strings.Contains("/"+name, "/node_modules/") }

// markNeeded adds a package and what it depends on.
func markNeeded(packages map[string]lockedPackage, name string, needed map[string]bool) {
	if name == "" {
		return
	}
	needed[name] = true
	p := packages[name]
	for _, dependencies := range []map[string]string{
		p.Dependencies, p.DevDependencies, p.OptionalDependencies, p.PeerDependencies,
	} {
		for dependency := range dependencies {
			if found := resolve(packages, name, dependency); found != "" && !needed[found] {
				markNeeded(packages, found, needed)
			}
		}
	}
}

// resolve returns the package that an import in the folder finds, as Node.js does, or "" for an optional one that is
// not there.
func resolve(packages map[string]lockedPackage, folder, dependency string) string {
	for {
		found := path.Join(folder, "node_modules", dependency)
		if _, ok := packages[found]; ok {
			return found
		}
		if folder == "." {
			return ""
		}
		folder = path.Dir(folder)
	}
}

var packageLine = regexp.MustCompile(`^    "(.*)": \{\n$`)

// keepPackages removes the other packages, and leaves the remaining text as it is.
func keepPackages(text string, needed map[string]bool) string {
	var kept strings.Builder
	keep := true
	for line := range strings.Lines(text) {
		if match := packageLine.FindStringSubmatch(line); match != nil {
			keep = needed[match[1]]
		}
		if strings.HasPrefix(line, "  }") || line == "}\n" {
			keep = true
		}
		if keep {
			kept.WriteString(line)
		}
	}
	return strings.Replace(kept.String(), "    },\n  }\n", "    }\n  }\n", 1)
}
