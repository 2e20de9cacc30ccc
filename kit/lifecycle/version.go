package lifecycle

import "runtime/debug"

// Version names the build: release if it is not empty, else the commit it was built from, else
// "dev".
func Version(release string) string {
	if release != "" {
		return release
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
