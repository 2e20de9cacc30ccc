package ratelimit

// Len returns the number of keys.
func (p *Process) Len() int {
	total := 0
	for i := range p.shards {
		p.shards[i].mu.Lock()
		total += p.shards[i].full.Len()
		p.shards[i].mu.Unlock()
	}
	return total
}

// MaxKeys is the maximum number of keys.
const MaxKeys = shards * keysInShard
