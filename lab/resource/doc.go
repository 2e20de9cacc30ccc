// Package resource proves make resource: a copy with resources of all kinds passes its checks and is
// used by curl and the TypeScript client, broken code fails its tests, and a list costs the same with a
// million rows. Its tests are built with the tag resource; make check-resource runs the quickest, make
// check-resource-all the rest.
package resource
