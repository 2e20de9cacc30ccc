// Package clientnet groups the addresses of clients to networks, for rate limits.
//
// It must not know what is limited.
package clientnet
