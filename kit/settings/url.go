package settings

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// checkURL checks a URL by the kind of its row.
func (r *Reader) checkURL(v *value) {
	kind := v.tag.Get("kind")
	if kind == "postgres" {
		r.checkPostgres(v)
		return
	}
	u, err := url.Parse(v.text)
	if err != nil || u.Hostname() == "" || (u.Port() != "" && !isPort(u.Port())) || !hasFormOf(kind, u) {
		r.wrong(v, "")
	} else if u.Scheme == "redis" && r.strict() && !isLocal(u.Host) {
		r.Warn(v.Name, "is unencrypted: use rediss://")
	}
	if kind == "site" && r.Valid(v.Name) && r.strict() && u.Scheme == "http" && !isLocal(u.Host) {
		r.wrong(v, "it is unencrypted")
	}
	if kind == "redis" || kind == "smtp" {
		r.refusePlaceholderPassword(v)
	}
}

func hasFormOf(kind string, u *url.URL) bool {
	isHTTP := u.Scheme == "https" || u.Scheme == "http"
	switch kind {
	case "redis":
		return (u.Scheme == "redis" || u.Scheme == "rediss") && regexp.MustCompile(`^(/\d*)?$`).MatchString(u.Path)
	case "dsn":
		return isHTTP && u.User.Username() != "" && u.Path != "" && !strings.HasSuffix(u.Path, "/")
	case "smtp":
		isSMTP := u.Scheme == "smtp" || u.Scheme == "smtps"
		return isSMTP && strings.Trim(u.Path, "/") == "" && u.RawQuery == "" && u.Fragment == ""
	case "endpoint", "site":
		return isHTTP && u.User == nil && u.RawQuery == "" && u.Fragment == ""
	}
	return isHTTP
}

func (r *Reader) checkPostgres(v *value) {
	if problem := postgresProblem(v.text); problem != "" {
		r.wrong(v, problem)
		return
	}
	r.refusePlaceholderPassword(v)
	r.warnOfUnencrypted(v)
}

// postgresProblem says why raw is not a connection URL of PostgreSQL, or nothing. It reads raw as
// libpq does (several hosts, a host or dbname among the parameters), but requires a host and a
// database, so that neither is guessed.
func postgresProblem(raw string) string {
	scheme, rest, _ := strings.Cut(raw, "://")
	if scheme != "postgres" && scheme != "postgresql" {
		return "it does not start with postgres:// or postgresql://"
	}
	authority, tail := cutAuthority(rest)
	path, rawQuery, _ := strings.Cut(tail, "?")
	if strings.Count(authority, "@") > 1 || strings.Contains(tail, "@") || strings.Count(path, "/") > 1 {
		return "it has a stray @ or /: percent-encode special characters in the user, the password and the database"
	}
	query, err := url.ParseQuery(rawQuery)
	if _, badEscape := url.PathUnescape(authority + path); err != nil || badEscape != nil {
		return "it has a % that does not start an escape, or a malformed parameter"
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

// areHosts checks a comma-separated list of hosts with optional ports. A host that is an escaped
// path is a socket.
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

// warnOfUnencrypted warns of connections to PostgreSQL that leave the machine and may be
// unencrypted.
func (r *Reader) warnOfUnencrypted(v *value) {
	if !r.strict() || !r.Valid(v.Name) {
		return
	}
	_, rest, _ := strings.Cut(v.text, "://")
	authority, tail := cutAuthority(rest)
	_, rawQuery, _ := strings.Cut(tail, "?")
	query, _ := url.ParseQuery(rawQuery) // checked before
	hosts := authority[strings.LastIndex(authority, "@")+1:] + "," + query.Get("host")
	remote := slices.ContainsFunc(strings.Split(hosts, ","), func(host string) bool {
		return host != "" && !isLocal(host)
	})
	mode := query.Get("sslmode")
	switch {
	case !remote:
	case mode == "":
		r.Warn(v.Name, "has no sslmode, so the connection may be unencrypted: add sslmode=verify-full")
	case slices.Contains([]string{"disable", "allow", "prefer"}, mode):
		r.Warn(v.Name, "has sslmode="+mode+", so the connection may be unencrypted: use sslmode=verify-full")
	}
}

// refusePlaceholderPassword refuses, outside development, passwords that are the same on many
// machines.
func (r *Reader) refusePlaceholderPassword(v *value) {
	if !r.strict() || !r.Valid(v.Name) {
		return
	}
	password := passwordIn(v.text)
	if password == "" && strings.HasPrefix(v.text, "postgres") {
		password = r.clientPassword
	}
	placeholders := append([]string{
		"postgres", "password", "passwd", "secret", "admin", "root", "redis", "test", "example", "default",
		"changeme", "change-me", "change_me", "12345678", "123456", "qwerty", "user",
	}, r.opts.Guessable...)
	if slices.Contains(placeholders, strings.ToLower(password)) {
		r.Problem(v.Name, "has a placeholder for a password, which is for development only: set a random password")
	}
}

// passwordIn returns the password in a URL, empty if there is none. net/url does not read URLs with
// several hosts.
func passwordIn(raw string) string {
	_, rest, _ := strings.Cut(raw, "://")
	authority, tail := cutAuthority(rest)
	userinfo, _, ok := strings.Cut(authority, "@")
	if _, escaped, hasPassword := strings.Cut(userinfo, ":"); ok && hasPassword {
		password, _ := url.PathUnescape(escaped) // checked before
		return password
	}
	_, rawQuery, _ := strings.Cut(tail, "?")
	query, _ := url.ParseQuery(rawQuery) // checked before
	return query.Get("password")
}
