// Package scale compares the cost of operations in a large database with that in a small one. Its
// tests are built with the tag scale; make bench-scale runs them.
package scale
