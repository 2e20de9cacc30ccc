//go:build scale

package domain_test

const manyTokens = 1_000_000
