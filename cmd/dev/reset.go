package main

import (
	"errors"
	"fmt"
	"io"

	"example.com/plinth/kit/devdb"
)

// reset deletes the embedded database, or prints what it would delete.
func reset(stdout io.Writer, sure bool) error {
	if !sure {
		dir, err := devdb.Dir(clusterDir)
		if err == nil {
			const text = "This deletes the development database in %s with all its data: make reset YES=1\n"
			fmt.Fprintf(stdout, text, dir)
		}
		return err
	}
	dir, err := devdb.Remove(clusterDir)
	switch {
	case errors.Is(err, devdb.ErrInUse):
		return fmt.Errorf("%w: stop make run first", err)
	case err == nil:
		fmt.Fprintf(stdout, "Deleted %s. make run starts with an empty database.\n", dir)
	}
	return err
}
