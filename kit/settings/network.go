package settings

import (
	"encoding/json"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// host reads an address to listen on.
func (p *parser) host(name string) string {
	v := p.get(name)
	if !isHost(v.text) {
		p.wrong(v, "want an IP address or a host name without a port, such as 127.0.0.1 or 0.0.0.0")
	}
	return v.text
}

func isHost(text string) bool {
	if _, err := netip.ParseAddr(text); err == nil {
		return true
	}
	return regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$`).MatchString(text)
}

// metricsAddr: on a laptop, where several services run, each takes a free port.
func (p *parser) metricsAddr(env Environment) string {
	standard := "127.0.0.1:9464" // the port that OpenTelemetry chose for Prometheus to ask
	if env == Development {
		standard = "127.0.0.1:0"
	}
	return p.address("METRICS_ADDR", standard)
}

// address reads an address to listen on, or "off".
func (p *parser) address(name, standard string) string {
	v := p.otherwise(name, standard)
	if v.text == "off" {
		return ""
	}
	host, port, err := net.SplitHostPort(v.text)
	if err != nil || (host != "" && !isHost(host)) || (port != "0" && !isPort(port)) {
		p.wrong(v, "want an address with a port, such as 127.0.0.1:9464, or off")
	}
	return v.text
}

// jsonList reads a JSON list of texts.
func (p *parser) jsonList(v *value) []string {
	var items []string
	if err := json.Unmarshal([]byte(v.text), &items); err != nil {
		p.wrong(v, `want a comma-separated list or a JSON list such as ["a", "b"]`)
		return nil
	}
	return items
}

// parseNetwork reads a CIDR or a single address. problem is empty or says what is wrong.
func parseNetwork(text string) (prefix netip.Prefix, problem string) {
	if addr, err := netip.ParseAddr(text); err == nil && addr.Zone() == "" {
		addr = addr.Unmap()
		return netip.PrefixFrom(addr, addr.BitLen()), ""
	}
	prefix, err := netip.ParsePrefix(text)
	switch {
	case err != nil:
		return netip.Prefix{}, "is not a network such as 10.0.0.0/8 or an address"
	case prefix.Addr().Is4In6():
		return netip.Prefix{}, "is an IPv4 network in IPv6 form: write it as IPv4"
	case prefix != prefix.Masked():
		return netip.Prefix{}, "has bits set beyond its length: did you mean " + prefix.Masked().String() + "?"
	}
	return prefix, ""
}

// origins reads the origins that browsers may call from.
func (p *parser) origins(name string, env Environment) []string {
	v := p.get(name)
	origins := p.list(v)
	for _, origin := range origins {
		switch {
		case origin != "*":
			if problem := originProblem(origin); problem != "" {
				p.problem(name, show(origin)+" "+problem)
			} else if host, found := strings.CutPrefix(origin, "http://"); found && env != Development && !isLocal(host) {
				p.warn(name, origin+" is unencrypted, so its pages can be changed on the way: want https")
			}
		case env != Development:
			p.problem(name, "* is for development only: list the origins")
		case len(origins) > 1:
			p.problem(name, "* makes the other origins pointless")
		}
	}
	return origins
}

// originProblem says why text is not an origin as browsers send it (RFC 6454, section 6.2), or nothing. Origins are
// compared byte by byte, so anything else would silently never match.
func originProblem(text string) string {
	const want = "is not an origin such as https://app.example.com"
	u, err := url.Parse(text)
	if err != nil || u.User != nil || u.Hostname() == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return want
	}
	canonical := u.Scheme + "://" + strings.ToLower(u.Hostname())
	if strings.Contains(u.Hostname(), ":") {
		canonical = u.Scheme + "://[" + strings.ToLower(u.Hostname()) + "]"
	}
	standardPort := map[string]string{"http": "80", "https": "443"}[u.Scheme]
	if port := u.Port(); port != "" && port != standardPort {
		canonical += ":" + port
	}
	switch {
	case u.Port() != "" && !isPort(u.Port()):
		return "has a port that is not from 1 to 65535"
	case strings.ContainsFunc(u.Host, func(r rune) bool { return r > 127 }) || strings.Contains(u.Host, "*"):
		return "needs its exact host name, in Punycode where it is not ASCII"
	case text != canonical:
		return "is not what browsers send: write " + strconv.Quote(canonical)
	}
	return ""
}

func isPort(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return err == nil && n > 0
}

func (p *parser) databaseURL(env Environment) URL {
	v := p.get("DATABASE_URL")
	if p.missing(v, "a URL such as postgres://user:password@localhost:5432/database") {
		return URL{}
	}
	return p.postgresURL(v, env)
}

func (p *parser) migrateDatabaseURL(env Environment) URL {
	v := p.get("MIGRATE_DATABASE_URL")
	if v.text == "" {
		return URL{}
	}
	return p.postgresURL(v, env)
}

func (p *parser) postgresURL(v *value, env Environment) URL {
	if problem := postgresProblem(v.text); problem != "" {
		p.wrong(v, "want a URL of PostgreSQL, but "+problem)
	}
	p.refusePlaceholderPassword(v, env)
	p.warnOfUnencrypted(v, env)
	return NewURL(v.text)
}

// postgresProblem says why raw is not a connection URL of PostgreSQL, or nothing. It reads raw as libpq does (several
// hosts, a host or dbname among the parameters), but wants a host and a database in it, so that none is guessed.
func postgresProblem(raw string) string {
	scheme, rest, _ := strings.Cut(raw, "://")
	if scheme != "postgres" && scheme != "postgresql" {
		return "it does not start with postgres:// or postgresql://"
	}
	authority, tail := cutAuthority(rest)
	path, rawQuery, _ := strings.Cut(tail, "?")
	if strings.Count(authority, "@") > 1 || strings.Contains(tail, "@") || strings.Count(path, "/") > 1 {
		return "it holds @ or / where they mean something: percent-encode special characters in the user, the password and the database"
	}
	query, err := url.ParseQuery(rawQuery)
	if _, badEscape := url.PathUnescape(authority + path); err != nil || badEscape != nil {
		return "there is a % in it that is not the start of an escape, or a broken parameter"
	}
	hosts := authority[strings.Index(authority, "@")+1:]
	switch {
	case hosts == "" && query.Get("host") == "":
		return "it names no host"
	case hosts != "" && !areHosts(hosts):
		return "its host or port is malformed"
	case strings.Trim(path, "/") == "" && query.Get("dbname") == "":
		return "it names no database"
	}
	return ""
}

// areHosts checks a comma-separated list of hosts with optional ports. A host that is an escaped path is a socket.
func areHosts(list string) bool {
	for host := range strings.SplitSeq(list, ",") {
		if strings.HasPrefix(strings.ToUpper(host), "%2F") {
			continue
		}
		u, err := url.Parse("//" + host)
		if err != nil || u.Host != host || u.Hostname() == "" || (u.Port() != "" && !isPort(u.Port())) {
			return false
		}
	}
	return true
}

func (p *parser) redisURL(env Environment) URL {
	v := p.get("REDIS_URL")
	if v.text == "" {
		return URL{}
	}
	u, err := url.Parse(v.text)
	if err != nil || (u.Scheme != "redis" && u.Scheme != "rediss") || u.Hostname() == "" ||
		(u.Port() != "" && !isPort(u.Port())) || !regexp.MustCompile(`^(/\d*)?$`).MatchString(u.Path) {
		p.wrong(v, "want a URL such as redis://:password@localhost:6379/0 (rediss:// for TLS), "+
			"with special characters in the password percent-encoded")
	} else if u.Scheme == "redis" && env != Development && !isLocal(u.Host) {
		p.warn(v.name, "is unencrypted: want rediss://")
	}
	p.refusePlaceholderPassword(v, env)
	return NewURL(v.text)
}

func (p *parser) sentryDSN() URL {
	v := p.get("SENTRY_DSN")
	if v.text == "" {
		return URL{}
	}
	u, err := url.Parse(v.text)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.User.Username() == "" || u.Hostname() == "" ||
		(u.Port() != "" && !isPort(u.Port())) || strings.HasSuffix(u.Path, "/") || u.Path == "" {
		p.wrong(v, "want a DSN such as https://key@o1.ingest.sentry.io/1")
	}
	return NewURL(v.text)
}

func (p *parser) postgresMirror() URL {
	v := p.get("POSTGRES_MIRROR")
	if u, err := url.Parse(v.text); v.text != "" && (err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Hostname() == "") {
		p.wrong(v, "want the URL of a Maven repository such as https://maven.example.com/maven2")
	}
	return NewURL(v.text)
}
