package pgkit

import "time"

// PoolStats are the state of the pool, and what has happened to it since the start.
type PoolStats struct {
	InUse   int // connections that somebody holds
	Idle    int
	Opening int
	Max     int

	Acquired uint64        // times that a connection was handed out
	Waited   uint64        // … of those, after a wait
	WaitTime time.Duration // of all that waited
	Canceled uint64        // times that somebody gave up waiting
	Opened   uint64        // connections
}

// PoolStats returns the state of the pool.
func (s *Store) PoolStats() PoolStats {
	stat := s.pool.Stat()
	return PoolStats{
		InUse: int(stat.AcquiredConns()), Idle: int(stat.IdleConns()),
		Opening: int(stat.ConstructingConns()), Max: int(stat.MaxConns()),
		Acquired: count(stat.AcquireCount()), Waited: count(stat.EmptyAcquireCount()), WaitTime: stat.EmptyAcquireWaitTime(),
		Canceled: count(stat.CanceledAcquireCount()), Opened: count(stat.NewConnsCount()),
	}
}

func count(n int64) uint64 { return uint64(max(n, 0)) }
