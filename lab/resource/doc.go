// Package resource proves make resource: a copy with resources of all kinds passes its tests, broken
// code fails them, and a list costs the same with a million rows. Its tests are built with the tag
// resource; make check-resource runs them.
package resource
