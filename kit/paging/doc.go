// Package paging has pages of lists, positions in them, and cursors, which are positions as text.
//
// Pages are read by position, not by offset: each page costs the same, and rows that are added or
// deleted meanwhile neither repeat nor hide others.
//
// It must not know HTTP, SQL or what is listed.
package paging
