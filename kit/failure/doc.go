// Package failure has the errors of rules that a caller can act on: a code, a message for people, the
// invalid fields, and a cause that only the log has.
//
// It must not know HTTP, nor any code. Adapters translate a failure to their protocol.
package failure
