package contracttest

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Ownership checks that rows are out of reach of all but their owner, and that an owner reaches them through their own
// parents only.
type Ownership struct {
	Client   *http.Client // its transport should come from [NewTransport]
	URL      string
	Lists    []Operation   // where rows might show up; operations that are no GET are ignored
	Snapshot func() string // digests what the service stores; no refused request may change it
}

// RowOwner is an account with two rows of one kind. If the rows have parents, they must not share them.
type RowOwner struct {
	Token      string
	Row, Other Row
}

// Exceptions are identifiers that an operation takes from others too, each with the reason.
type Exceptions struct {
	// Movable identifiers may be those of another row of the caller's own, such as the parent that a row is moved to.
	Movable map[string]string
	// Open identifiers are of rows without an owner, or of no rows.
	Open map[string]string
}

// Check sends op with identifiers that do not belong together: an owner's, sent by strangers, all of them or one among the
// stranger's own; and one of the owner's other row among those of the first. Identifiers that are optional are sent and left
// out. Each request must be answered as if that row were absent, must change nothing, and no list may show the row. The
// owner must reach it.
func (o Ownership) Check(tb testing.TB, op Operation, except Exceptions, owner RowOwner, strangers ...RowOwner) {
	tb.Helper()
	names, ok := except.names(tb, op, owner)
	if !ok {
		return
	}
	for _, row := range []Row{owner.Row, op.required(tb, owner.Row)} {
		sent := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return row[name] == "" })
		for _, stranger := range strangers {
			o.checkStranger(tb, op, sent, row, stranger)
		}
		o.checkParents(tb, op, except, sent, row, owner)
	}
	for _, list := range o.Lists {
		for _, stranger := range strangers {
			o.checkList(tb, op, list, "a stranger", stranger.Token, stranger.Row, owner.Row)
			o.checkList(tb, op, list, "a stranger", stranger.Token, list.required(tb, stranger.Row), owner.Row)
		}
		if len(list.taken(owner.Other)) > 0 { // otherwise it shows an owner all of their rows
			o.checkList(tb, op, list, "the owner with another row", owner.Token, owner.Other, owner.Row)
		}
	}
	if status, body := o.send(tb, op.About(tb, owner.Row), owner.Token); status == http.StatusNotFound {
		tb.Errorf("%s: the owner does not reach the row: %s", op, body)
	}
}

// checkStranger sends identifiers of an owner's row as a stranger.
func (o Ownership) checkStranger(tb testing.TB, op Operation, names []string, row Row, stranger RowOwner) {
	tb.Helper()
	o.checkAbsent(tb, op, "a stranger with all identifiers of the owner", stranger.Token, row, names)
	for _, name := range names {
		mixed := maps.Clone(stranger.Row)
		for other, id := range row {
			if other == name || id == "" {
				mixed[other] = id
			}
		}
		o.checkAbsent(tb, op, "a stranger with "+name+" of the owner", stranger.Token, mixed, []string{name})
	}
}

// checkParents sends an owner's row with identifiers of the owner's other row.
func (o Ownership) checkParents(tb testing.TB, op Operation, except Exceptions, names []string, row Row, owner RowOwner) {
	tb.Helper()
	fixed := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return except.Movable[name] != "" })
	for _, name := range fixed {
		if len(fixed) > 1 {
			o.checkAbsent(tb, op, "the owner with "+name+" of another row", owner.Token, row.with(name, owner.Other[name]), []string{name})
		}
	}
}

// names returns the identifiers that are checked. It reports those that the rows lack.
func (e Exceptions) names(tb testing.TB, op Operation, owner RowOwner) (names []string, ok bool) {
	tb.Helper()
	for _, name := range op.References() {
		switch _, known := owner.Row[name]; {
		case e.Open[name] != "":
		case !known:
			tb.Errorf("%s: the row has no %s, and no reason why it may be any", op, name)
			return nil, false
		default:
			names = append(names, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(owner.Row)) {
		if !slices.Contains(names, name) && op.takes(name) && e.Open[name] == "" {
			names = append(names, name)
		}
	}
	for _, name := range names {
		if len(names) > 1 && owner.Row[name] == owner.Other[name] {
			tb.Errorf("%s: both rows have the same %s; make each with parents of its own", op, name)
			return nil, false
		}
	}
	return names, true
}

// checkAbsent wants the answer that there is when the named identifiers belong to no row.
func (o Ownership) checkAbsent(tb testing.TB, op Operation, who, token string, row Row, names []string) {
	tb.Helper()
	absent := row
	for _, name := range names {
		absent = absent.with(name, absentLike(row[name]))
	}
	before := o.Snapshot()
	status, body := o.send(tb, op.About(tb, row), token)
	missing, wanted := o.send(tb, op.About(tb, absent), token)
	switch {
	case status != http.StatusNotFound:
		tb.Errorf("%s, %s: answered %d, want 404\n%s", op, who, status, body)
	case missing != http.StatusNotFound:
		tb.Errorf("%s, %s, which is absent: answered %d, want 404\n%s", op, who, missing, wanted)
	case problemText(body) != problemText(wanted):
		tb.Errorf("%s, %s: the answer differs from that for an absent row\n%s\n%s", op, who, body, wanted)
	}
	if o.Snapshot() != before {
		tb.Errorf("%s, %s: the request changed what is stored", op, who)
	}
}

// checkList looks for the hidden row in what the caller reads with identifiers of their own.
func (o Ownership) checkList(tb testing.TB, op, list Operation, who, token string, own, hidden Row) {
	tb.Helper()
	if list.Method != http.MethodGet || !list.Allows(op.Role) || !list.canBeAbout(own) {
		return
	}
	_, body := o.send(tb, list.About(tb, own), token)
	for name, id := range hidden {
		if list.takes(name) || own[name] == id {
			continue
		}
		if regexp.MustCompile(`\b` + regexp.QuoteMeta(id) + `\b`).Match(body) {
			tb.Errorf("%s, %s: %s shows %s of the row\n%s", op, who, list, name, body)
		}
	}
}

func (o Ownership) send(tb testing.TB, r Request, token string) (int, []byte) {
	tb.Helper()
	req, err := r.build(tb.Context(), o.URL)
	if err != nil {
		tb.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := o.Client.Do(req)
	if err != nil {
		tb.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // it was read
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return resp.StatusCode, body
}

// problemText is what a problem says, without what differs from request to request.
func problemText(body []byte) string {
	var problem struct {
		Code   string `json:"code"`
		Detail string `json:"detail"`
	}
	_ = json.NewDecoder(bytes.NewReader(body)).Decode(&problem) // what is no problem says nothing
	return problem.Code + ": " + problem.Detail
}

// absentLike returns an identifier that has the form of id and belongs to no row.
func absentLike(id string) string {
	const ulid, uuid = "01JD8Z5V3K4N6P7Q8R9S0T1V2W", "01234567-89ab-7def-8123-456789abcdef"
	switch {
	case strings.Trim(id, "0123456789") == "":
		return "2147483647"
	case len(id) == len(uuid) && strings.Count(id, "-") == 4:
		return uuid
	case len(id) == len(ulid) && strings.ToUpper(id) == id:
		return ulid
	}
	return strings.Map(func(char rune) rune {
		if char >= 'b' && char <= 'z' {
			return char - 1
		}
		return char
	}, id) + "a"
}
