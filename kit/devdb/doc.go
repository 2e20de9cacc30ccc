// Package devdb runs a private PostgreSQL server for development and tests, without installation
// or configuration. It owns the folder of the cluster, the process of the server and the search
// for its programs, which it fetches if the machine has none. Programs of a release must not
// import it.
//
// It must not know the schema, and it reads no settings from the environment: [Options] name them.
package devdb
