package ratelimit

import (
	"hash/maphash"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

const (
	shards = 32 // against lock contention
	// keysInShard bounds the memory: 65,536 keys in total, some 16 MB.
	keysInShard = 2048
)

// Process counts in the process. It keeps the most recently used keys. To evict a key early takes
// requests from some 65,536 networks, whose owner has as many limits anyway.
type Process struct {
	now    func() time.Time
	start  time.Time // origin of all times, on the monotonic clock
	seed   maphash.Seed
	shards [shards]shard
}

type shard struct {
	mu   sync.Mutex
	full *simplelru.LRU[Key, *time.Duration]
}

// NewProcess returns a counter without keys.
func NewProcess(now func() time.Time) *Process {
	p := &Process{now: now, start: now(), seed: maphash.MakeSeed()}
	for i := range p.shards {
		p.shards[i].full, _ = simplelru.NewLRU[Key, *time.Duration](keysInShard, nil) // it fails for sizes below 1
	}
	return p
}

// Take counts a request. It allocates memory for a new key only.
func (p *Process) Take(key Key, rate Rate) Decision {
	s := p.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	now := p.now().Sub(p.start)
	full, known := s.full.Get(key)
	if !known {
		full = new(time.Duration)
		s.full.Add(key, full)
	}
	var decision Decision
	*full, decision = rate.Take(*full, now)
	return decision
}

func (p *Process) shard(key Key) *shard {
	if key.Account != "" {
		return &p.shards[maphash.String(p.seed, key.Account)%shards]
	}
	address := key.Network.Addr().As16()
	return &p.shards[maphash.Bytes(p.seed, address[:])%shards]
}
