package slice

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Starter is the slice of no name, which no copy has: what makes copies, and what is said about it.
const Starter = ""

// The marks of regions in shared files are comments, on lines of their own, in any syntax that the project has:
//
//	# scaffold:begin web
//	…
//	# scaffold:end web
//
// Regions nest. One without a name is the starter's own. The mark "scaffold:only web" at the end of a line is a region of
// that line.
var (
	borderMark = regexp.MustCompile(`^\s*(?:#|//|--|<!--|\{?/\*)\s*scaffold:(begin|end)\b(?:[ \t]+([a-z][a-z0-9-]*))?`)
	lineMark   = regexp.MustCompile(`[ \t]*(?:#|//|--|<!--|\{?/\*)[ \t]*scaffold:only[ \t]+([a-z][a-z0-9-]*)[ \t]*(?:-->|\*/\}?)?[ \t]*(\r?\n?)$`)
)

// Strip removes the marks from a text, and the regions of slices that has denies, with one of the two blank lines that
// would remain around each. It fails if marks do not pair or name no slice.
func Strip(text string, has func(slice string) bool) (string, error) {
	if !strings.Contains(text, "scaffold:") {
		return text, nil
	}
	var kept []string
	var open []string // names of the regions around the line, the innermost last
	closed := false   // whether the line before closed a region that was removed
	hidden := func() bool { return slices.ContainsFunc(open, func(name string) bool { return !has(name) }) }
	for line := range strings.Lines(text) {
		if border := borderMark.FindStringSubmatch(line); border != nil {
			wasHidden := hidden()
			var err error
			if open, err = move(open, border[1], border[2]); err != nil {
				return "", err
			}
			closed = wasHidden && !hidden()
			continue
		}
		line, own, err := unmark(line)
		switch {
		case err != nil:
			return "", err
		case hidden():
			continue
		case own != Starter && !has(own):
			continue
		case closed && isBlank(line) && (len(kept) == 0 || isBlank(kept[len(kept)-1])):
		default:
			kept = append(kept, line)
		}
		closed = false
	}
	if len(open) > 0 {
		return "", fmt.Errorf("the region %s has no end", mark("begin", open[len(open)-1]))
	}
	return strings.Join(kept, ""), nil
}

// Marks returns the names of the slices that a text has marks of.
func Marks(text string) (names []string, err error) {
	_, err = Strip(text, func(name string) bool {
		if name != Starter && !slices.Contains(names, name) {
			names = append(names, name)
		}
		return true
	})
	return names, err
}

// move returns the open regions after a mark.
func move(open []string, border, name string) ([]string, error) {
	switch {
	case name != Starter && !exists(name):
		return nil, fmt.Errorf("scaffold:%s names the slice %q, which does not exist", border, name)
	case border == "begin":
		return append(open, name), nil
	case len(open) == 0 || open[len(open)-1] != name:
		return nil, fmt.Errorf("%s closes a region that is not open", mark("end", name))
	}
	return open[:len(open)-1], nil
}

func mark(border, name string) string { return strings.TrimSpace("scaffold:" + border + " " + name) }

// unmark returns a line without the mark of its own region, and the slice of that.
func unmark(line string) (rest, name string, err error) {
	mark := lineMark.FindStringSubmatchIndex(line)
	if mark == nil {
		return line, Starter, nil
	}
	name = line[mark[2]:mark[3]]
	if !exists(name) {
		return "", "", fmt.Errorf("scaffold:only names the slice %q, which does not exist", name)
	}
	return line[:mark[0]] + line[mark[4]:mark[5]], name, nil
}

func isBlank(line string) bool { return strings.TrimSpace(line) == "" }
