//go:build !scale

package domain_test

// manyTokens is more than the clean-up deletes in one statement.
const manyTokens = 2_500
