package reqcheck

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
	// smallBody is the size up to which bodies are not counted. A connection costs more.
	smallBody = 4 << 10
	// maxHeldBytes bounds the larger bodies that are held concurrently, most while a slow client
	// sends.
	maxHeldBytes = 16 << 20
	// maxValidatedBytes bounds the larger bodies that are decoded concurrently. Decoding allocates
	// up to 20 times their size.
	maxValidatedBytes = 1 << 20
)

var (
	errMalformed        = &problem.Problem{Code: problem.CodeMalformedRequest, Detail: "The request cannot be read."}
	errBodyTooLarge     = &problem.Problem{Code: problem.CodeBodyTooLarge, Detail: "The body is too large."}
	errUnsupportedMedia = &problem.Problem{Code: problem.CodeUnsupportedMediaType, Detail: "The body has an " +
		"unsupported media type."}

	errTooManyBodies = &problem.Problem{Code: problem.CodeOverloaded, Detail: "Too many large requests at once. " +
		"Try again later."}
	errBodyTimeout = &problem.Problem{Code: problem.CodeRequestTimeout, Detail: "The body did not arrive in time."}
)

// memory bounds the total memory of the bodies of concurrent requests.
type memory struct{ held, validated *semaphore.Weighted }

func newMemory() *memory {
	return &memory{held: semaphore.NewWeighted(maxHeldBytes), validated: semaphore.NewWeighted(maxValidatedBytes)}
}

// read returns the whole body, of at most limit bytes. It counts the memory in checked, also if it
// returns an error.
func (m *memory) read(w http.ResponseWriter, r *http.Request, limit int64, checked *Request) ([]byte, error) {
	if r.ContentLength > limit {
		return nil, tooLarge(limit)
	}
	size := int64(smallBody) // the announced length may never arrive
	if r.ContentLength >= 0 {
		size = min(size, r.ContentLength+1) // one more, to read the end
	}
	data := make([]byte, 0, size)
	body := http.MaxBytesReader(w, r.Body, limit)
	for {
		n, err := body.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		switch {
		case errors.Is(err, io.EOF):
			return data, nil
		case err != nil:
			return nil, readError(err, limit)
		case len(data) < cap(data):
			continue
		}
		size := min(int64(2*cap(data)), limit+1)
		if !m.held.TryAcquire(size - checked.held) {
			return nil, errTooManyBodies
		}
		checked.held = size
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

// decoding waits until a body of this size may be decoded. Callers must call done afterwards.
func (m *memory) decoding(ctx context.Context, size int) (done func(), err error) {
	if size <= smallBody {
		return func() {}, nil
	}
	weight := min(int64(size), maxValidatedBytes)
	if err := m.validated.Acquire(ctx, weight); err != nil {
		return nil, errTooManyBodies.Because(err)
	}
	return func() { m.validated.Release(weight) }, nil
}
