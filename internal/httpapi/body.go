package httpapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"golang.org/x/sync/semaphore"

	"example.com/plinth/kit/problem"
)

const (
	// smallBody is what a body may have without counting: as much as the head of a request, and less than a connection costs.
	smallBody = 4 << 10
	// maxHeldBytes bounds the larger bodies that are held at once, most of which wait for a slow client.
	maxHeldBytes = 16 << 20
	// maxValidatedBytes bounds the larger bodies that are decoded at once. Decoding needs up to maxAmplification times as much.
	maxValidatedBytes = 1 << 20
)

var (
	errTooManyBodies = &problem.Problem{Code: problem.CodeOverloaded, Detail: "Too many large requests at once. Try again later."}
	errBodyTimeout   = &problem.Problem{Code: problem.CodeRequestTimeout, Detail: "The body did not arrive in time."}
)

// bodyMemory bounds the memory that the bodies of all requests take together.
type bodyMemory struct{ held, validated *semaphore.Weighted }

func newBodyMemory() *bodyMemory {
	return &bodyMemory{held: semaphore.NewWeighted(maxHeldBytes), validated: semaphore.NewWeighted(maxValidatedBytes)}
}

// read returns the whole body, of at most limit bytes. release must be called once the bytes are no longer used, whatever
// the error.
func (m *bodyMemory) read(w http.ResponseWriter, r *http.Request, limit int64) (data []byte, release func(), err error) {
	if r.ContentLength > limit {
		return nil, func() {}, tooLarge(limit)
	}
	counted := int64(0)
	release = func() { m.held.Release(counted) }
	size := int64(smallBody) // what is announced may never come
	if r.ContentLength >= 0 {
		size = min(size, r.ContentLength+1) // with room to see the end
	}
	data = make([]byte, 0, size)
	body := http.MaxBytesReader(w, r.Body, limit)
	for {
		n, err := body.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		switch {
		case errors.Is(err, io.EOF):
			return data, release, nil
		case err != nil:
			return nil, release, readError(err, limit)
		case len(data) < cap(data):
			continue
		}
		size := min(int64(2*cap(data)), limit+1)
		if !m.held.TryAcquire(size - counted) {
			return nil, release, errTooManyBodies
		}
		counted = size
		data = append(make([]byte, 0, size), data...)
	}
}

func readError(err error, limit int64) error {
	if _, isTooLarge := errors.AsType[*http.MaxBytesError](err); isTooLarge {
		return tooLarge(limit)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return errBodyTimeout.Because(err)
	}
	return errMalformed.WithDetail("The body ended early or could not be read.").Because(err)
}

func tooLarge(limit int64) error {
	return errBodyTooLarge.WithDetail("The body is larger than " + sizeOf(limit) + ".")
}

func sizeOf(size int64) string {
	switch {
	case size%(1<<20) == 0:
		return fmt.Sprintf("%d MiB", size>>20)
	case size%(1<<10) == 0:
		return fmt.Sprintf("%d KiB", size>>10)
	default:
		return fmt.Sprintf("%d bytes", size)
	}
}

// decoding waits until a body of this size may be decoded; done must be called afterwards.
func (m *bodyMemory) decoding(ctx context.Context, size int) (done func(), err error) {
	if size <= smallBody {
		return func() {}, nil
	}
	weight := min(int64(size), maxValidatedBytes)
	if err := m.validated.Acquire(ctx, weight); err != nil {
		return nil, errTooManyBodies.Because(err)
	}
	return func() { m.validated.Release(weight) }, nil
}
