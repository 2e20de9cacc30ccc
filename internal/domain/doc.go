// Package domain holds the rules: what a user and a session are, and what may be done with them by whom.
//
// It knows neither HTTP nor SQL nor logging. Storage is an interface declared here and fulfilled by pgstore; callers
// pass the actor in, and everything that is the caller's fault comes back as *Error.
package domain
