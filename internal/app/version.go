package app

import "runtime/debug"

// version is set by release builds: -ldflags "-X example.com/plinth/internal/app.version=v1.2.3".
var version string

// Version names the build: the release, else the commit it was built from, else "dev".
func Version() string {
	if version != "" {
		return version
	}
	const shortHash = 12
	info, _ := debug.ReadBuildInfo()
	if info != nil {
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" && len(setting.Value) >= shortHash {
				return "dev-" + setting.Value[:shortHash]
			}
		}
	}
	return "dev"
}
