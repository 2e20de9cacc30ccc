// Package ratelimit counts requests in Redis, which all replicas share, or in the process. A
// [Limiter] uses Redis, and the process while Redis does not answer.
//
// It must not know HTTP, nor which requests belong to which class.
package ratelimit
