// Package useragent names the device behind a User-Agent header in words that are all its own, so
// that clients cannot write into the mails and pages that show it.
//
// It must not know what the name is for. A client can claim to be any device.
package useragent

import "strings"

// Unknown is the name of a device that a User-Agent does not tell.
const Unknown = "an unknown device"

// word is what a User-Agent contains, and what it means. The first word of a list that it contains
// wins: most browsers claim to be others, too.
type word struct{ part, name string }

var browsers = [...]word{
	{"Edg", "Edge"},
	{"OPR/", "Opera"},
	{"SamsungBrowser/", "Samsung Internet"},
	{"Firefox/", "Firefox"},
	{"FxiOS/", "Firefox"},
	{"CriOS/", "Chrome"},
	{"Chrome/", "Chrome"},
	{"Safari/", "Safari"},
	{"curl/", "curl"},
	{"okhttp/", "an app"},
	{"CFNetwork/", "an app"},
	{"Dart/", "an app"},
	{"python-", "a script"},
	{"Python-urllib/", "a script"},
	{"Go-http-client/", "a program"},
	{"node", "a program"},
	{"Java/", "a program"},
}

var systems = [...]word{
	{"iPhone", "iPhone"},
	{"iPad", "iPad"},
	{"Android", "Android"},
	{"CrOS", "ChromeOS"},
	{"Windows", "Windows"},
	{"Macintosh", "macOS"},
	{"Darwin/", "macOS or iOS"},
	{"Linux", "Linux"},
}

// Name returns a name such as "Firefox on Windows", "curl" or [Unknown].
func Name(userAgent string) string {
	browser, system := find(browsers[:], userAgent), find(systems[:], userAgent)
	switch {
	case browser == "" && system == "":
		return Unknown
	case browser == "":
		return "a device with " + system
	case system == "":
		return browser
	}
	return browser + " on " + system
}

func find(words []word, userAgent string) string {
	for _, word := range words {
		if strings.Contains(userAgent, word.part) {
			return word.name
		}
	}
	return ""
}
