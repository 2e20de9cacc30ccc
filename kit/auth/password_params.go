package auth

import "fmt"

// Bounds of the parameters, configured or stored. A hash at the bounds takes some seconds and 256
// MiB.
const (
	maxMemoryKiB   = 256 << 10
	maxIterations  = 16
	maxParallelism = 8
	minBcryptCost  = 4
	maxBcryptCost  = 14
)

// PasswordParams are the cost parameters of argon2id (RFC 9106).
type PasswordParams struct {
	MemoryKiB   uint32 // memory of one hash in KiB: 8 × Parallelism to 262,144
	Iterations  uint32 // passes over the memory: 1 to 16
	Parallelism uint8  // lanes, one thread and one slot of the gate each: 1 to 8; 1 serves a server best
}

// DefaultPasswordParams returns the parameters that OWASP recommends for argon2id: 19 MiB, two
// passes, one lane.
func DefaultPasswordParams() PasswordParams {
	return PasswordParams{MemoryKiB: 19456, Iterations: 2, Parallelism: 1}
}

func (p PasswordParams) validate() error {
	switch {
	case p.Parallelism < 1 || p.Parallelism > maxParallelism:
		return fmt.Errorf("argon2id parallelism %d is not within 1 and %d", p.Parallelism, maxParallelism)
	case p.Iterations < 1 || p.Iterations > maxIterations:
		return fmt.Errorf("argon2id iterations %d are not within 1 and %d", p.Iterations, maxIterations)
	case p.MemoryKiB < 8*uint32(p.Parallelism) || p.MemoryKiB > maxMemoryKiB:
		return fmt.Errorf("argon2id memory of %d KiB is not within %d and %d",
			p.MemoryKiB, 8*uint32(p.Parallelism), maxMemoryKiB)
	}
	return nil
}

// work returns the KiB that a hash writes, to which its time is proportional. It is at most 2²², so
// it never overflows.
func (p PasswordParams) work() uint32 { return p.MemoryKiB * p.Iterations }
