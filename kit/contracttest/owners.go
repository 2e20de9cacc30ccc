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

// Ownership checks that only the owner of a row reaches it, and only through the parents of the
// row.
type Ownership struct {
	Client   *http.Client // its transport should be that of [Contract.NewTransport]
	URL      string
	Lists    []Operation   // that may show rows; only GET operations are checked
	Snapshot func() string // returns a digest of the stored data, which refused requests must not change
}

// RowOwner is an account with two rows of one kind, without common parents.
type RowOwner struct {
	Token      string
	Row, Other Row
}

// Exceptions are identifiers that an operation may take from other rows, each with a reason.
type Exceptions struct {
	// Movable identifiers may be of another row of the caller, such as the new parent of a row.
	Movable map[string]string
	// Open identifiers are of rows without an owner, or not of rows.
	Open map[string]string
}

// Check sends op with identifiers that do not belong together: strangers send all identifiers of
// the owner, or one with their own others, and the owner sends one of the other row with those of
// the first. Optional identifiers are sent and omitted. Each response must be that for an absent
// row, no request may change data, and no list may show the row. The owner must reach the row.
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
		if len(list.taken(owner.Other)) > 0 { // otherwise it lists all rows of the owner
			o.checkList(tb, op, list, "the owner with another row", owner.Token, owner.Other, owner.Row)
		}
	}
	if status, body := o.send(tb, op.about(tb, owner.Row), owner.Token); status == http.StatusNotFound {
		tb.Errorf("%s: the owner cannot reach the row: %s", op, body)
	}
}

// checkStranger sends identifiers of the owner's row as a stranger.
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

// checkParents sends identifiers of the owner's other row with those of the first.
func (o Ownership) checkParents(
	tb testing.TB, op Operation, except Exceptions, names []string, row Row, owner RowOwner,
) {
	tb.Helper()
	fixed := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return except.Movable[name] != "" })
	for _, name := range fixed {
		if len(fixed) > 1 {
			mixed := row.with(name, owner.Other[name])
			o.checkAbsent(tb, op, "the owner with "+name+" of another row", owner.Token, mixed, []string{name})
		}
	}
}

// names returns the identifiers to check. It reports identifiers that the rows lack.
func (e Exceptions) names(tb testing.TB, op Operation, owner RowOwner) (names []string, ok bool) {
	tb.Helper()
	for _, name := range op.References() {
		switch _, known := owner.Row[name]; {
		case e.Open[name] != "":
		case !known:
			tb.Errorf("%s: the row has no %s, and no exception says why any will do", op, name)
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
			tb.Errorf("%s: both rows have the same %s: create each with parents of its own", op, name)
			return nil, false
		}
	}
	return names, true
}

// checkAbsent checks that the response is the same as if the named identifiers belonged to no row.
func (o Ownership) checkAbsent(tb testing.TB, op Operation, who, token string, row Row, names []string) {
	tb.Helper()
	absent := row
	for _, name := range names {
		absent = absent.with(name, absentLike(row[name]))
	}
	before := o.Snapshot()
	status, body := o.send(tb, op.about(tb, row), token)
	missing, wanted := o.send(tb, op.about(tb, absent), token)
	switch {
	case status != http.StatusNotFound:
		tb.Errorf("%s, %s: the status is %d, want 404\n%s", op, who, status, body)
	case missing != http.StatusNotFound:
		tb.Errorf("%s, %s, which is absent: the status is %d, want 404\n%s", op, who, missing, wanted)
	case problemText(body) != problemText(wanted):
		tb.Errorf("%s, %s: the response differs from that for an absent row\n%s\n%s", op, who, body, wanted)
	}
	if o.Snapshot() != before {
		tb.Errorf("%s, %s: the request changed stored data", op, who)
	}
}

// checkList checks that a list that the caller requests with its own identifiers does not show the
// hidden row.
func (o Ownership) checkList(tb testing.TB, op, list Operation, who, token string, own, hidden Row) {
	tb.Helper()
	if list.Method != http.MethodGet || !list.Allows(op.Role) || !list.canBeAbout(own) {
		return
	}
	_, body := o.send(tb, list.about(tb, own), token)
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
	defer resp.Body.Close() //nolint:errcheck // already read
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return resp.StatusCode, body
}

// problemText returns the parts of a problem that do not depend on the request.
func problemText(body []byte) string {
	var problem struct {
		Code   string `json:"code"`
		Detail string `json:"detail"`
	}
	_ = json.NewDecoder(bytes.NewReader(body)).Decode(&problem) // empty unless it is a problem
	return problem.Code + ": " + problem.Detail
}

// absentLike returns an identifier of the form of id that belongs to no row.
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
