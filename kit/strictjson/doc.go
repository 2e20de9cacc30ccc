// Package strictjson decodes JSON that has only one meaning, in memory in proportion to its size.
//
// It must not know HTTP or operations: callers pass the schema of the value.
package strictjson
