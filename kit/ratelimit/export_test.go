package ratelimit

// Len returns how many keys are remembered.
func (p *Process) Len() int {
	total := 0
	for i := range p.shards {
		p.shards[i].mu.Lock()
		total += p.shards[i].full.Len()
		p.shards[i].mu.Unlock()
	}
	return total
}

// MaxKeys is how many are remembered at most.
const MaxKeys = shards * keysInShard
