// Package rename copies a Go project under another name: its module path, and its name in every spelling, in contents
// and in paths, generated code included.
//
// It knows how this project is put together; it must not depend on anything but the standard library, so that a copy
// can be made before a single module was fetched.
package rename

import (
	"errors"
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Names are the spellings of one project's name.
type Names struct {
	// Module is the module path, such as github.com/acme/order-desk.
	Module string
	// Title is the name in prose and in exported identifiers: one word, such as OrderDesk.
	Title string
	// Slug is the Title in lower case: letters and digits only, beginning with a letter, and no word that a database,
	// YAML, Go or this project has taken, so that it is good for databases, images, hosts, packages and folders alike.
	Slug string
}

// maxSlug leaves room for prefixes and suffixes in names that may have 63 characters, in PostgreSQL and in DNS.
const maxSlug = 30

// NewNames makes the names from a module path, and from name unless it is empty. It fails if the module path is
// malformed or if name is no good; where none is given, an awkward one is mended: github.com/acme/2048 is App2048.
//
// The names in taken are no good, either: see Identifiers.
func NewNames(module, name string, taken map[string]bool) (Names, error) {
	if err := checkModule(module); err != nil {
		return Names{}, err
	}
	given := name != ""
	if !given {
		name = lastElement(module)
	}
	title, err := camelCase(name)
	if err != nil {
		return Names{}, err
	}
	if problem := objection(title, taken); problem != "" {
		if given {
			return Names{}, fmt.Errorf("the name %q: %s", name, problem)
		}
		if title = mend(title); objection(title, taken) != "" {
			return Names{}, fmt.Errorf("%q, which is made from %s: %s: choose a name yourself with NAME= (-name)",
				title, module, objection(title, taken))
		}
	}
	return Names{Module: module, Title: title, Slug: strings.ToLower(title)}, nil
}

// upper is the spelling of environment variables.
func (n Names) upper() string { return strings.ToUpper(n.Slug) }

var (
	moduleHost    = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*(\.[a-z0-9-]+)+$`)
	moduleElement = regexp.MustCompile(`^[A-Za-z0-9_~-]+(\.[A-Za-z0-9_~-]+)*$`)
	majorVersion  = regexp.MustCompile(`^v[0-9]+$`)
)

// checkModule is golang.org/x/mod/module.CheckPath without its rare cases.
func checkModule(module string) error {
	host, rest, hasPath := strings.Cut(module, "/")
	if !moduleHost.MatchString(host) || !hasPath {
		return fmt.Errorf("the module path %q does not begin with a host and a folder, as github.com/acme/orders does", module)
	}
	elements := strings.Split(rest, "/")
	for _, element := range elements {
		if !moduleElement.MatchString(element) {
			return fmt.Errorf("the module path %q: %q is not made of letters, digits and single . _ ~ -", module, element)
		}
	}
	last := elements[len(elements)-1]
	if majorVersion.MatchString(last) {
		if major, err := strconv.Atoi(last[1:]); err != nil || major < 2 || last[1] == '0' || len(elements) == 1 {
			return fmt.Errorf("the module path %q: Go allows /v2 and above at the end, after a name", module)
		}
	}
	return nil
}

func lastElement(module string) string {
	if majorVersion.MatchString(path.Base(module)) {
		module = path.Dir(module)
	}
	return path.Base(module)
}

// camelCase joins the words of a name, which anything but letters and digits separates.
func camelCase(name string) (string, error) {
	var title strings.Builder
	for word := range strings.FieldsFuncSeq(name, func(r rune) bool { return strings.ContainsRune(" ._~-", r) }) {
		for _, r := range word {
			if !isLetter(r) && !isDigit(r) {
				return "", fmt.Errorf("the name %q: want ASCII letters and digits, got %q", name, r)
			}
		}
		title.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	if title.Len() == 0 {
		return "", errors.New("there is no letter or digit in the name: choose one with NAME= (-name)")
	}
	return title.String(), nil
}

func isLetter(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }
func isDigit(r rune) bool  { return '0' <= r && r <= '9' }

// mend makes a good name of one with an objection, unless it is too long.
func mend(title string) string {
	if isDigit(rune(title[0])) {
		return "App" + title
	}
	return title + "App"
}

// objection says what is wrong with a name, or nothing.
func objection(title string, taken map[string]bool) string {
	slug := strings.ToLower(title)
	switch {
	case isDigit(rune(slug[0])):
		return "it must begin with a letter"
	case len(slug) > maxSlug:
		return fmt.Sprintf("it must not be longer than %d characters", maxSlug)
	case token.IsKeyword(slug), doc.IsPredeclared(slug):
		return "Go has taken this word"
	case slices.Contains(sqlWords, slug):
		return "PostgreSQL has taken this word"
	case slices.Contains(yamlWords, slug):
		return "YAML takes this word for something else than text"
	case slices.Contains(packageWords, slug):
		return "a package of Go has this name"
	case slices.Contains(projectWords, slug), taken[slug]:
		return "a part of the project has this name"
	}
	return ""
}

var (
	// sqlWords are PostgreSQL's reserved words, and the names of databases and roles that exist in every cluster.
	sqlWords = strings.Fields(`
		all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation
		column concurrently constraint create cross default deferrable desc distinct do else end except false fetch for
		foreign freeze from full grant group having ilike in initially inner intersect into is isnull join lateral
		leading left like limit localtime localtimestamp natural not notnull null offset on only or order outer overlaps
		placing primary references returning right select similar some symmetric table tablesample then to trailing true
		union unique user using variadic verbose when where window with
		postgres template0 template1 public none`)
	yamlWords = strings.Fields(`y n yes no true false on off null`)
	// projectWords are folders, packages, programs and services of this project that a name must not hide.
	projectWords = strings.Fields(`
		api app auth clients cmd config data db dev domain e2e examples gen httpapi internal main migrate admin pgstore redis server
		telemetry test tools vendor`)
	// packageWords are the packages of the standard library, which the package of the copy would hide.
	packageWords = strings.Fields(`
		adler32 aes ascii85 asn1 ast atomic base32 base64 big binary bits bufio build buildinfo bytes bzip2 cgi cgo
		cipher cmp cmplx color comment constant constraint context cookiejar coverage crc32 crc64 crypto cryptotest csv
		debug des doc draw driver dsa dwarf ecdh ecdsa ed25519 elf elliptic embed encoding errors exec expvar fcgi
		filepath fips140 flag flate fmt fnv format fs fstest gif gob gosym gzip hash heap hex hkdf hmac hpke html http
		httptest httptrace httputil image importer io iotest ioutil iter jpeg json jsonrpc list log lzw macho mail
		maphash maps math md5 metrics mime mlkem mlkemtest multipart net netip os palette parse parser path pbkdf2 pe
		pem pkix plan9obj plugin png pprof printer quick quotedprintable race rand rc4 reflect regexp ring rpc rsa
		runtime scanner sha1 sha256 sha3 sha512 signal slices slog slogtest smtp sort sql strconv strings structs subtle
		suffixarray sync synctest syntax syscall syslog tabwriter tar template testing textproto time tls token trace
		types tzdata unicode unique unsafe url user utf16 utf8 v2 version weak x509 xml zip zlib`)
)

// Identifiers returns the names in the files of the project in source that use its Go client. The package of the client
// gets the name of the copy, which one of these would hide.
func Identifiers(source string) (map[string]bool, error) {
	found := map[string]bool{}
	err := filepath.WalkDir(source, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains([]string{".git", ".data", "bin", "node_modules", "scaffold"}, entry.Name()):
			return fs.SkipDir
		case filepath.Ext(path) != ".go":
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil || !usesClient(file) {
			return err
		}
		ast.Inspect(file, func(node ast.Node) bool {
			if id, ok := node.(*ast.Ident); ok && id.Name != projectSlug {
				found[id.Name] = true
			}
			return true
		})
		return nil
	})
	return found, err
}

// The names of this project: as a package, and in prose.
const (
	projectSlug  = "plinth"
	projectTitle = "Plinth"
)

func usesClient(file *ast.File) bool {
	return strings.HasPrefix(file.Name.Name, projectSlug) || slices.ContainsFunc(file.Imports, func(i *ast.ImportSpec) bool {
		return strings.HasSuffix(i.Path.Value, `/clients/go"`)
	})
}
