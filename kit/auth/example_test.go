package auth_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"example.com/plinth/kit/auth"
)

func ExampleAccessTokens() {
	keys, err := auth.GenerateKeySet(auth.AlgorithmEdDSA)
	if err != nil {
		fmt.Println(err)
		return
	}
	tokens, err := auth.NewAccessTokens(auth.AccessTokenConfig{
		Keys:     keys,
		Issuer:   "https://api.example.com",
		Audience: "https://api.example.com",
		Lifetime: 15 * time.Minute,
		Now:      time.Now,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	token, _, err := tokens.Issue("01JD8Z5V3K4N6P7Q8R9S0T1V2W", "01JD8Z5V3K4N6P7Q8R9S0T1V2X")
	if err != nil {
		fmt.Println(err)
		return
	}
	claims, err := tokens.Verify(token)
	fmt.Println(claims.UserID, err)
	// Output: 01JD8Z5V3K4N6P7Q8R9S0T1V2W <nil>
}

func ExamplePasswordHasher() {
	hasher, err := auth.NewPasswordHasher(auth.DefaultPasswordParams(), auth.PasswordHasherOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	hash, err := hasher.Hash(context.Background(), "correct horse battery staple")
	if err != nil {
		fmt.Println(err)
		return
	}
	match, err := hasher.Verify(context.Background(), hash, "correct horse battery staple")
	fmt.Println(match.OK, match.NeedsRehash, err)
	// Output: true false <nil>
}

func ExampleRefreshToken() {
	token, err := auth.NewRefreshToken(rand.Reader)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(token, len(token.Reveal())) // store token.Hash()
	// Output: [redacted] 51
}
