// Package exact has texts for database types that no Go type represents exactly.
//
// It must not know a driver: values scan themselves from the text that a driver hands over.
package exact
