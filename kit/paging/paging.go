package paging

import "time"

// Position is a place in an order, right after the row with these values. An order by time compares
// Time and ID, an order by a unique text compares Text, and one by other texts Text and ID.
type Position struct {
	Time time.Time // to the microsecond
	ID   string
	Text string
}

// Range selects at most Limit items after a position. A nil After starts at the first item.
type Range struct {
	After *Position
	Limit int
}

// Start returns the position that the range starts after. Without After, it is later than every
// time (an order by time starts with the newest item) and before every text.
func (r Range) Start() Position {
	if r.After == nil {
		return Position{Time: time.Date(9999, time.December, 31, 0, 0, 0, 0, time.UTC)}
	}
	return *r.After
}

// Page is a part of a list. Next is the position after its last item, or nil on the last page.
type Page[T any] struct {
	Items []T
	Next  *Position
}

// Read reads a page. It asks list for one item more than the limit, to find out whether another
// page follows.
func Read[T any](r Range, position func(T) Position, list func(Range) ([]T, error)) (Page[T], error) {
	items, err := list(Range{After: r.After, Limit: r.Limit + 1})
	if err != nil {
		return Page[T]{}, err
	}
	if len(items) <= r.Limit {
		return Page[T]{Items: items}, nil
	}
	items = items[:r.Limit]
	next := position(items[len(items)-1])
	return Page[T]{Items: items, Next: &next}, nil
}

// Convert returns the converted items of a list. The result is never nil.
func Convert[A, B any](items []A, convert func(A) B) []B {
	converted := make([]B, len(items))
	for i, item := range items {
		converted[i] = convert(item)
	}
	return converted
}
