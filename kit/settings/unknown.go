package settings

import (
	"maps"
	"slices"
	"strings"
)

// warnOfUnknown warns of names that look like misspelled settings: in the file all unknown ones, in
// the environment, which has variables of many programs, those that resemble a setting.
func (r *Reader) warnOfUnknown(environ, dotEnv map[string]string) {
	known := map[string]bool{}
	for _, v := range r.values {
		known[v.Name] = true
		if v.Secret {
			known[v.fileName()] = true
		}
	}
	foreign := func(name string) bool { return hasPrefixOf(name, r.opts.Foreign) }
	names := slices.Sorted(maps.Keys(known))
	for _, name := range slices.Sorted(maps.Keys(dotEnv)) {
		if !known[name] && !foreign(name) {
			r.warnOfName(name, "in "+r.opts.DotEnv, nearest(name, names, len(name)/3))
		}
	}
	prefixes := ownPrefixes(names)
	for _, name := range slices.Sorted(maps.Keys(environ)) {
		if known[name] || foreign(name) {
			continue
		}
		near := nearest(name, names, tolerated(name))
		if near != "" || hasPrefixOf(name, prefixes) {
			r.warnOfName(name, "in the environment", near)
		}
	}
}

func hasPrefixOf(name string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

func (r *Reader) warnOfName(name, where, near string) {
	detail := where + " is not a setting"
	if near != "" {
		detail += ": did you mean " + near + "?"
	}
	r.Warn(name, detail)
	r.hints = append(r.hints, name+" "+detail)
}

// tolerated is how many letters a misspelled name in the environment may differ in. Short names
// resemble each other by chance.
func tolerated(name string) int {
	if len(name) < 8 {
		return 1
	}
	return 2
}

// ownPrefixes returns the beginnings that names of several settings share, of two words such as
// RATE_LIMIT_. One word, such as LOG_, begins names of other programs too.
func ownPrefixes(names []string) []string {
	count := map[string]int{}
	for _, name := range names {
		if words := strings.SplitAfterN(name, "_", 3); len(words) == 3 && !strings.HasSuffix(name, "_FILE") {
			count[words[0]+words[1]]++
		}
	}
	maps.DeleteFunc(count, func(_ string, n int) bool { return n < 2 })
	return slices.Sorted(maps.Keys(count))
}

// nearest returns the name that differs from text, in upper case, in the fewest letters, if these
// are at most limit.
func nearest(text string, names []string, limit int) string {
	text = strings.ToUpper(text)
	best, least := "", limit+1
	for _, name := range names {
		if d := distance(text, name); d < least {
			best, least = name, d
		}
	}
	return best
}

// distance counts the letters to insert, remove, replace or swap with the next one (Damerau and
// Levenshtein).
func distance(a, b string) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			replaced := last[j]
			if a[i] != b[j] {
				replaced++
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, replaced)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
