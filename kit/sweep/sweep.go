package sweep

import (
	"context"
	"errors"
	"slices"
)

// Step processes up to most rows, and returns how many it processed.
type Step func(ctx context.Context, most int) (int, error)

// Batches repeats step until it processes less than a batch of most rows, and returns how many rows
// it processed in total.
func Batches(ctx context.Context, most int, step Step) (total int, err error) {
	for {
		n, err := step(ctx, most)
		total += n
		if err != nil || n < most {
			return total, err
		}
	}
}

// Purge removes what list returns, until list returns nothing, and returns how many rows it removed.
// It skips rows that remove leaves, up to maxSkipped. If remove fails, Purge removes one row at a
// time, and returns the first error at the end.
func Purge(
	ctx context.Context, maxSkipped int,
	list func(ctx context.Context, except []string) ([]string, error),
	remove func(ctx context.Context, ids []string) (removed []string, err error),
) (total int, err error) {
	var skipped []string
	for len(skipped) < maxSkipped {
		ids, listErr := list(ctx, skipped)
		if listErr != nil || len(ids) == 0 {
			return total, errors.Join(err, listErr)
		}
		removed, removeErr := remove(ctx, ids)
		if removeErr != nil && len(ids) > 1 {
			removed, removeErr = removeEach(ctx, ids, remove)
		}
		if err == nil {
			err = removeErr
		}
		total += len(removed)
		for _, id := range ids {
			if !slices.Contains(removed, id) {
				skipped = append(skipped, id)
			}
		}
	}
	return total, err
}

// removeEach continues after an error, and returns the first one.
func removeEach(
	ctx context.Context, ids []string, remove func(ctx context.Context, ids []string) ([]string, error),
) (removed []string, err error) {
	for _, id := range ids {
		one, removeErr := remove(ctx, []string{id})
		removed = append(removed, one...)
		if err == nil {
			err = removeErr
		}
		if ctx.Err() != nil {
			return removed, err
		}
	}
	return removed, err
}
