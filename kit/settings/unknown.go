package settings

import (
	"fmt"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Warnings are settings that work and are not safe, or that are misspelled in the file. Their text holds no secret.
func (c Config) Warnings() []Problem { return slices.Clone(c.warnings) }

func (p *parser) warn(name, detail string) {
	p.warnings = append(p.warnings, Problem{Name: name, Detail: detail})
}

// warnOfUnencrypted looks at the connections to PostgreSQL that leave the machine.
func (p *parser) warnOfUnencrypted(v *value, env Environment) {
	if env == Development || !p.valid(v.name) {
		return
	}
	_, rest, _ := strings.Cut(v.text, "://")
	authority, tail := cutAuthority(rest)
	_, rawQuery, _ := strings.Cut(tail, "?")
	query, _ := url.ParseQuery(rawQuery) // checked before
	hosts := authority[strings.LastIndex(authority, "@")+1:] + "," + query.Get("host")
	remote := slices.DeleteFunc(strings.Split(hosts, ","), func(host string) bool { return host == "" || isLocal(host) })
	mode := query.Get("sslmode")
	switch {
	case len(remote) == 0:
	case mode == "":
		p.warn(v.name, "has no sslmode, so the connection may be unencrypted: add sslmode=verify-full")
	case slices.Contains([]string{"disable", "allow", "prefer"}, mode):
		p.warn(v.name, "has sslmode="+mode+", so the connection may be unencrypted: want sslmode=verify-full")
	}
}

// isLocal reports whether a host, perhaps with a port, is this machine or a socket on it.
func isLocal(host string) bool {
	host, _ = url.PathUnescape(host) // checked before
	if strings.HasPrefix(host, "/") {
		return true
	}
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && addr.Unmap().IsLoopback()
}

// trustsTooMany says why networks together hold too much of the Internet to be those of proxies, or nothing.
func trustsTooMany(prefixes []netip.Prefix) string {
	shares := map[string]float64{}
	for i, prefix := range prefixes {
		inAnother := slices.ContainsFunc(prefixes[:i], func(other netip.Prefix) bool { return other == prefix }) ||
			slices.ContainsFunc(prefixes, func(other netip.Prefix) bool {
				return other.Bits() < prefix.Bits() && other.Contains(prefix.Addr())
			})
		kind, most := "IPv4", 16.0
		if prefix.Addr().Is6() {
			kind, most = "IPv6", 256
		}
		if !inAnother && !prefix.Addr().IsPrivate() {
			shares[kind] += most / float64(uint64(1)<<min(prefix.Bits(), 63))
		}
		if shares[kind] >= 1 {
			return fmt.Sprintf("together hold 1/%.0f or more of all %s addresses, which lets everyone choose the address they seem to come from",
				most, kind)
		}
	}
	return ""
}

// ofOthers are names in .env that other programs read: docker compose, which gets the file as well, and what it starts.
var ofOthers = []string{
	"COMPOSE_", "DOCKER_", "OTEL_", "PG", "VITE_", "GO", "POSTGRES_PASSWORD", "POSTGRES_SERVER_PASSWORD", "VERSION",
	"PROMETHEUS_PORT", "GRAFANA_PORT", "JAEGER_PORT", "TEST_DATABASE_URL",
}

// warnOfUnknown looks for misspelled names in the file at path.
func (p *parser) warnOfUnknown(path string, dotEnv map[string]string) {
	known := make([]string, 0, len(p.values))
	for _, v := range p.values {
		known = append(known, v.name)
	}
	for _, name := range slices.Sorted(maps.Keys(dotEnv)) {
		isOthers := slices.ContainsFunc(ofOthers, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
		if slices.Contains(known, name) || isOthers {
			continue
		}
		detail := "in " + path + " is not a setting"
		if near := nearest(strings.ToUpper(name), known); near != "" {
			detail += ": did you mean " + near + "?"
		}
		p.warn(name, detail)
	}
}

// nearest returns the name that differs from text in the fewest letters, if these are at most a third.
func nearest(text string, names []string) string {
	best, least := "", len(text)/3+1
	for _, name := range names {
		if d := distance(text, name); d < least {
			best, least = name, d
		}
	}
	return best
}

// distance counts the letters to insert, remove, replace or swap with the next one (Damerau and Levenshtein).
func distance(a, b string) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			replaced := last[j]
			if a[i] != b[j] {
				replaced++
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, replaced)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}

// Origin names a setting for messages, with where it comes from and the variables that change how it is read.
func (c Config) Origin(name string) string {
	i := slices.IndexFunc(c.settings, func(s Setting) bool { return s.Name == name })
	if i < 0 {
		return name
	}
	text := name + " (from " + string(c.settings[i].Source)
	if len(c.clientVariables) > 0 {
		text += "; " + strings.Join(c.clientVariables, ", ") + " of the environment are read, too"
	}
	return text + ")"
}
