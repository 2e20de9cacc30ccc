// Package devrun has the steps of a command that runs a service for development with nothing to
// install: a secret that is generated once, a check of the port, a database that runs meanwhile or is
// deleted, the text on the screen, and running another program with the same settings. Programs of a
// release must not import it.
//
// It must not know the settings or the schema of a service.
package devrun
