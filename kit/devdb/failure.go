//go:build linux || darwin

package devdb

import (
	"fmt"
	"regexp"
	"strings"
	"syscall"
)

// Free disk space that the steps need, in bytes.
const (
	clusterRoom = 100 << 20
	fetchRoom   = 300 << 20
)

var (
	reasonLine = regexp.MustCompile(`\b(error|ERROR|FATAL|PANIC|DETAIL|HINT):|` +
		`\bLOG:  (unrecognized|invalid|syntax error|parameter|could not)`)
	localeError = regexp.MustCompile(`(?i)\b(error|fatal): .*(locale|\bicu\b|collat|encoding)`)
)

// advice is advice by the message of PostgreSQL. %s is the folder.
var advice = []struct {
	says *regexp.Regexp
	do   string
}{
	{
		regexp.MustCompile(`No space left on device|could not extend file|[Qq]uota exceeded`),
		"the disk that holds %s is full: free some space and start again",
	},
	{
		regexp.MustCompile(`Address already in use|could not create any TCP/IP sockets`),
		"another program has taken the port of %s: start again, which picks another port",
	},
	{
		regexp.MustCompile(`configuration file|configuration parameter|syntax error in file|invalid value for parameter`),
		"correct postgresql.conf and postgresql.auto.conf in %s/data",
	},
	{
		regexp.MustCompile(`(?i)locale|\bicu\b|collation`),
		"install a UTF-8 locale such as C.UTF-8, or set POSTGRES_BIN to the programs of another PostgreSQL; " +
			"nothing is left in %s",
	},
	{
		regexp.MustCompile(`Permission denied|wrong ownership|invalid permissions`),
		"give %s to the user that runs this",
	},
	{
		regexp.MustCompile(`Cannot allocate memory|could not (map|create) .*shared memory`),
		"free some memory; %s is as it was",
	},
	{
		regexp.MustCompile(`checkpoint record|invalid page|are incompatible with server|could not open file "(global|pg_)`),
		"delete %s to start over, if its data can go",
	},
}

// failure adds the reasons in the log, advice and the path of the log to err.
func (f *folder) failure(doing string, err error) error {
	reasons, help := f.reasons(), ""
	for _, a := range advice {
		if a.says.MatchString(reasons) {
			help = "\nWhat helps: " + fmt.Sprintf(a.do, f.dir)
			break
		}
	}
	return fmt.Errorf("%s: %w\n%s%s\nThe whole log: %s", doing, err, indent(reasons), help, f.path(logFile))
}

// reasons returns the lines of the log that explain a failure, or its last lines.
func (f *folder) reasons() string {
	lines := strings.Split(f.read(logFile), "\n")
	var found []string
	for _, line := range lines {
		if reasonLine.MatchString(line) {
			found = append(found, line)
		}
	}
	if len(found) == 0 {
		found = lines
	}
	return strings.Join(found[max(0, len(found)-10):], "\n")
}

// isLocaleError reports whether the first error in the log is about a missing locale.
func (f *folder) isLocaleError() bool {
	for line := range strings.Lines(f.read(logFile)) {
		if reasonLine.MatchString(line) {
			return localeError.MatchString(line)
		}
	}
	return false
}

func indent(text string) string { return "  " + strings.ReplaceAll(text, "\n", "\n  ") }

// needRoom fails if the disk of dir has less free space.
func needRoom(dir string, room uint64) error {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(dir, &disk); err != nil {
		return nil //nolint:nilerr // the next step fails with a better error
	}
	free := disk.Bavail * uint64(disk.Bsize) //nolint:gosec // block sizes are positive
	if free < room {
		return fmt.Errorf("the disk that holds %s has %d MB free, and %d MB are needed: "+
			"free some space and start again", dir, free>>20, room>>20)
	}
	return nil
}
