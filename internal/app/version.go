package app

import "example.com/plinth/kit/lifecycle"

// version is set by release builds: -ldflags "-X example.com/plinth/internal/app.version=v1.2.3".
var version string

// Version returns the release, else the commit of the build, else "dev".
func Version() string { return lifecycle.Version(version) }
