package auth

// BlocklistText is the embedded blocklist.
func BlocklistText() string { return blocklistText }

// ReformatArgon2id parses a PHC string and writes it again.
func ReformatArgon2id(encoded string) (reformatted string, params PasswordParams, err error) {
	hash, err := parseArgon2id(encoded)
	return hash.String(), hash.params, err
}

// RecordDerivations records the parameters of every argon2id computation of h in the returned
// slice.
func (h *PasswordHasher) RecordDerivations() *[]PasswordParams {
	var seen []PasswordParams
	compute := h.argon2id
	h.argon2id = func(password, salt []byte, time, memory uint32, threads uint8, keyLen uint32) []byte {
		seen = append(seen, PasswordParams{MemoryKiB: memory, Iterations: time, Parallelism: threads})
		return compute(password, salt, time, memory, threads, keyLen)
	}
	return &seen
}

// VerifiedTokens is the size of the token cache.
const VerifiedTokens = verifiedTokens

// Remembered returns the number of cached tokens.
func (a *AccessTokens) Remembered() int { return a.cache.entries.Len() }

// Forget empties the cache, for benchmarks of new tokens.
func (a *AccessTokens) Forget() { a.cache.entries.Purge() }
