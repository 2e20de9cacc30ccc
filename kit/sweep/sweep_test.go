package sweep_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"example.com/plinth/kit/sweep"
)

var errBroken = errors.New("broken")

func TestBatchesStopAtAPartialBatch(t *testing.T) {
	t.Parallel()
	for rows, wantCalls := range map[int]int{0: 1, 2: 1, 3: 2, 7: 3} {
		left, calls := rows, 0
		total, err := sweep.Batches(t.Context(), 3, func(_ context.Context, most int) (int, error) {
			calls++
			n := min(left, most)
			left -= n
			return n, nil
		})
		if err != nil || total != rows || calls != wantCalls {
			t.Errorf("%d rows: %d processed in %d calls, %v, want %d calls", rows, total, calls, err, wantCalls)
		}
	}
}

func TestBatchesReturnTheError(t *testing.T) {
	t.Parallel()
	total, err := sweep.Batches(t.Context(), 3, func(context.Context, int) (int, error) { return 1, errBroken })
	if total != 1 || !errors.Is(err, errBroken) {
		t.Errorf("got %d, %v", total, err)
	}
}

// table is a table of ids. Some are locked, and fail to be removed or are left.
type table struct {
	ids           []string
	locked, wrong []string
}

func (b *table) list(_ context.Context, except []string) ([]string, error) {
	var found []string
	for _, id := range b.ids {
		if !slices.Contains(except, id) && len(found) < 2 {
			found = append(found, id)
		}
	}
	return found, nil
}

func (b *table) remove(_ context.Context, ids []string) (removed []string, err error) {
	if slices.ContainsFunc(ids, func(id string) bool { return slices.Contains(b.wrong, id) }) {
		return nil, fmt.Errorf("removing %q: %w", ids, errBroken)
	}
	for _, id := range ids {
		if !slices.Contains(b.locked, id) {
			removed = append(removed, id)
		}
	}
	b.ids = slices.DeleteFunc(b.ids, func(id string) bool { return slices.Contains(removed, id) })
	return removed, nil
}

func TestPurge(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		table   table
		left    []string
		isError bool
	}{
		"nothing":    {table{}, nil, false},
		"all":        {table{ids: []string{"a", "b", "c"}}, nil, false},
		"locked":     {table{ids: []string{"a", "b", "c", "d"}, locked: []string{"a", "c"}}, []string{"a", "c"}, false},
		"wrong":      {table{ids: []string{"a", "b", "c"}, wrong: []string{"b"}}, []string{"b"}, true},
		"all locked": {table{ids: []string{"a", "b", "c", "d"}, locked: []string{"a", "b", "c", "d"}}, []string{"a", "b", "c", "d"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows := len(test.table.ids)
			total, err := sweep.Purge(t.Context(), 3, test.table.list, test.table.remove)
			if errors.Is(err, errBroken) != test.isError || !slices.Equal(test.table.ids, test.left) || total != rows-len(test.left) {
				t.Errorf("%d removed, %q left, %v, want %q", total, test.table.ids, err, test.left)
			}
		})
	}
}

func TestPurgeStopsWhenCanceled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	calls := 0
	list := func(ctx context.Context, _ []string) ([]string, error) {
		if calls > 0 {
			return nil, ctx.Err()
		}
		return []string{"a", "b"}, nil
	}
	_, err := sweep.Purge(ctx, 9, list, func(ctx context.Context, _ []string) ([]string, error) {
		calls++
		return nil, ctx.Err()
	})
	if !errors.Is(err, context.Canceled) || calls != 2 { // all at once, then one
		t.Errorf("got %v after %d calls, want canceled after 2", err, calls)
	}
}
