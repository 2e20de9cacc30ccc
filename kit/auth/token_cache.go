package auth

import (
	"crypto/sha256"
	"fmt"

	lru "github.com/hashicorp/golang-lru/v2"
)

// verifiedTokens is how many verified tokens are remembered: some 3 MB. More clients than that at a time only verify more.
const verifiedTokens = 10_000

// tokenCache remembers tokens whose signature was right, so that a client pays for it once and not with every request. It
// holds what was verified, not that it is accepted: times and the key's end are judged anew at each hit, and a session is
// still read from the database. Refusals are not kept, so nobody can fill it without tokens of ours. It lives and dies
// with the key set.
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
		return nil, fmt.Errorf("making the cache of tokens: %w", err)
	}
	return &tokenCache{entries}, nil
}

// verify returns what is remembered of the whole token, or what check finds out.
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
