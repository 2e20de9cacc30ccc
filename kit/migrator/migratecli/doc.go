// Package migratecli is the command line of kit/migrator: up, down, status, create and repair. It
// owns the texts for operators. A main package gives it the files, the grants and a function that
// loads the settings; it must not know how those are read.
package migratecli
