// Package domain has the rules: what users and sessions are, and who may do what with them. Each
// noun has a file, with the interface of its store, its failures and its events.
//
// It knows neither HTTP nor SQL nor logging. pgstore implements Store; services take the actor as
// an argument, and return each failure that the caller can act on as *Error.
package domain
