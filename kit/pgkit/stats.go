package pgkit

import "time"

// Stats are the state of a pool, and counts since its start.
type Stats struct {
	InUse   int // connections that are acquired
	Idle    int
	Opening int
	Max     int

	Acquired uint64        // acquired connections
	Waited   uint64        // of those, the ones after a wait
	WaitTime time.Duration // of all waits
	Canceled uint64        // waits that were given up
	Opened   uint64        // connections
}

// Stats returns the state of the pool.
func (p *Pool) Stats() Stats {
	stat := p.Stat()
	return Stats{
		InUse: int(stat.AcquiredConns()), Idle: int(stat.IdleConns()),
		Opening: int(stat.ConstructingConns()), Max: int(stat.MaxConns()),
		Acquired: count(stat.AcquireCount()),
		Waited:   count(stat.EmptyAcquireCount()), WaitTime: stat.EmptyAcquireWaitTime(),
		Canceled: count(stat.CanceledAcquireCount()), Opened: count(stat.NewConnsCount()),
	}
}

func count(n int64) uint64 { return uint64(max(n, 0)) }
