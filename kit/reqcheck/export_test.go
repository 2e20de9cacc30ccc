package reqcheck

import "context"

// DecodeBesideOthers waits until a body of this size may be decoded, while others leave no room.
func DecodeBesideOthers(ctx context.Context, size int) error {
	memory := newMemory()
	if _, err := memory.decoding(context.WithoutCancel(ctx), maxValidatedBytes); err != nil {
		return err
	}
	_, err := memory.decoding(ctx, size)
	return err
}
