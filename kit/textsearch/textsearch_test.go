package textsearch_test

import (
	"errors"
	"slices"
	"testing"

	"example.com/plinth/kit/textsearch"
)

func TestPatternsOfShortSearchesAndEmailsAreBeginnings(t *testing.T) {
	t.Parallel()
	for search, want := range map[string]bool{
		"a": true, "ad": true, "ada": false, "a d a": true, "a.b.c": true, "%%%": true, "李明": true, "李明华": false, "é1ü": false,
		"x 123": false, "ada love": false,
		"@": true, "@ab": true, "@example.com": false, "@example@": true, "ada@": true, "ada@example.com": true, "a@": true,
	} {
		containing, beginning := textsearch.Patterns(search)
		if (beginning != nil) != want || (containing == nil) != want {
			t.Errorf("%q: is beginning: %t, want %t", search, beginning != nil, want)
		}
	}
	if containing, beginning := textsearch.Patterns(""); containing != nil || beginning != nil {
		t.Error("an empty search has a pattern")
	}
}

func TestPageScansBeforeItFinds(t *testing.T) {
	t.Parallel()
	errBroken := errors.New("broken")
	for name, test := range map[string]struct {
		matches   map[int]int // by the rows that a scan reads
		noFind    bool
		err       error
		wantScans []int
		wantFinds int
	}{
		"no search":      {matches: map[int]int{3: 3}, noFind: true, wantScans: []int{3}},
		"many matches":   {matches: map[int]int{256: 3}, wantScans: []int{256}},
		"some matches":   {matches: map[int]int{256: 1, 5000: 3}, wantScans: []int{256, 5000}},
		"few matches":    {matches: map[int]int{256: 1, 5000: 2}, wantScans: []int{256, 5000}, wantFinds: 1},
		"no match":       {wantScans: []int{256}, wantFinds: 1},
		"a broken store": {err: errBroken, wantScans: []int{256}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var scans []int
			finds := 0
			list := textsearch.List[string]{Scan: func(most int) ([]string, error) {
				scans = append(scans, most)
				return make([]string, test.matches[most]), test.err
			}}
			if !test.noFind {
				list.Find = func() ([]string, error) { finds++; return nil, nil }
			}
			if _, err := list.Page(3); !errors.Is(err, test.err) {
				t.Errorf("got %v, want %v", err, test.err)
			}
			if !slices.Equal(scans, test.wantScans) || finds != test.wantFinds {
				t.Errorf("scans of %d rows and %d finds, want %d and %d", scans, finds, test.wantScans, test.wantFinds)
			}
		})
	}
}
