// Package archtest checks which packages of a module import which, and what its programs link. The rules are data that
// the module's own test declares.
//
// It must not know any package of the module that it checks.
package archtest
