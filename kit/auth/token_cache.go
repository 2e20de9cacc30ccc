package auth

import (
	"crypto/sha256"
	"fmt"

	lru "github.com/hashicorp/golang-lru/v2"
)

// verifiedTokens is the size of the cache, some 3 MB. With more concurrent clients, tokens are
// verified more often.
const verifiedTokens = 10_000

// tokenCache caches tokens with a valid signature, so that the signature is verified once and not
// with every request. A hit is not accepted yet: times and the end of the key are checked each
// time, and callers still read the session. Rejected tokens are not cached, so that only issued
// tokens fill the cache. A cache belongs to one key set.
type tokenCache struct {
	entries *lru.Cache[[sha256.Size]byte, verifiedToken]
}

type verifiedToken struct {
	key    *tokenKey
	claims tokenClaims
}

func newTokenCache(size int) (*tokenCache, error) {
	entries, err := lru.New[[sha256.Size]byte, verifiedToken](size)
	if err != nil {
		return nil, fmt.Errorf("creating the token cache: %w", err)
	}
	return &tokenCache{entries}, nil
}

// verify returns the cached result for the whole token, or that of check.
func (c *tokenCache) verify(token string, check func(string) (verifiedToken, error)) (verifiedToken, error) {
	digest := sha256.Sum256([]byte(token))
	if verified, ok := c.entries.Get(digest); ok {
		return verified, nil
	}
	verified, err := check(token)
	if err == nil {
		c.entries.Add(digest, verified)
	}
	return verified, err
}
