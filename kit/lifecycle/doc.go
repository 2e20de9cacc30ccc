// Package lifecycle serves HTTP from start to stop: bounded connections, readiness of a database,
// an orderly drain, side listeners for metrics and profiles, periodic chores and a watch on the
// clock. Each part is a function that the program calls; none calls the program back in an order of
// its own.
//
// It must not know what is served, which chores there are or what a setting is called.
package lifecycle
