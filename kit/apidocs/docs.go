package apidocs

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"io/fs"
	"path"
	"strings"

	swaggerui "github.com/swaggest/swgui/v5/static"
)

// Where the documentation is served. The pages link to each other relative to /api/, so that a proxy may add a prefix.
const (
	OpenAPIJSONPath = "/api/openapi.json"
	OpenAPIYAMLPath = "/api/openapi.yaml"
	// SwaggerPath is the interactive view.
	SwaggerPath = "/api/docs"
	// RedocPath is the reading view.
	RedocPath = "/api/redoc"

	assetsPath = "/api/docs/assets/"
)

//go:embed docs/*.html docs/*.css docs/*.js docs/*.svg docs/redoc/*.gz docs/redoc/*.LICENSE.txt
var docsFS embed.FS

// DocsFile is one file of the documentation.
type DocsFile struct {
	ContentType string
	// Digest changes when the content does. It is made of hexadecimal digits.
	Digest string
	// Gzip is the content, compressed.
	Gzip []byte
}

// Plain returns the content as it was before compression.
func (f DocsFile) Plain() ([]byte, error) {
	reader, err := gzip.NewReader(bytes.NewReader(f.Gzip))
	if err != nil {
		return nil, fmt.Errorf("decompressing: %w", err)
	}
	content, err := io.ReadAll(reader)
	if err != nil {
		return nil, fmt.Errorf("decompressing: %w", err)
	}
	return content, nil
}

// DocsPaths lists the URL paths of everything that [Docs] returns. It is cheap.
func DocsPaths() []string {
	paths := []string{OpenAPIJSONPath, OpenAPIYAMLPath, SwaggerPath, RedocPath}
	for _, a := range assets() {
		paths = append(paths, a.path())
	}
	return paths
}

// Docs returns the documentation by URL path: the contract in both forms, the pages that show it, and what they load.
// It takes some milliseconds; keep the result.
func Docs() (map[string]DocsFile, error) {
	docs := map[string]DocsFile{}
	var placeholders []string
	for _, a := range assets() {
		file, err := a.load()
		if err != nil {
			return nil, fmt.Errorf("loading %s: %w", a.file, err)
		}
		docs[a.path()] = file
		placeholders = append(placeholders, "{{"+a.name+"}}", strings.TrimPrefix(a.path(), "/api/")+"?v="+file.Digest)
	}

	contract, err := OpenAPIJSON()
	if err != nil {
		return nil, err
	}
	yaml, err := OpenAPIYAML()
	if err != nil {
		return nil, err
	}
	var head struct {
		Info struct {
			Title   string `json:"title"`
			Version string `json:"version"`
		} `json:"info"`
	}
	if err := json.Unmarshal(contract, &head); err != nil {
		return nil, fmt.Errorf("reading the title of the contract: %w", err)
	}
	placeholders = append(placeholders,
		"{{title}}", html.EscapeString(head.Info.Title),
		"{{version}}", html.EscapeString(head.Info.Version))
	fill := strings.NewReplacer(placeholders...)

	docs[OpenAPIJSONPath] = newDocsFile("application/json", contract)
	docs[OpenAPIYAMLPath] = newDocsFile("application/yaml", yaml)
	for urlPath, name := range map[string]string{SwaggerPath: "docs/swagger.html", RedocPath: "docs/redoc.html"} {
		page, err := docsFS.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("loading %s: %w", name, err)
		}
		docs[urlPath] = newDocsFile("text/html; charset=utf-8", []byte(fill.Replace(string(page))))
	}
	return docs, nil
}

// asset is a file that the pages load. In them, its name in double braces stands for its URL, which changes with the
// content, so that browsers may keep the file for ever.
type asset struct {
	name   string
	source fs.FS
	file   string // ends in .gz if it is stored compressed
}

func assets() []asset {
	return []asset{
		{"docs.css", docsFS, "docs/docs.css"},
		{"logo.svg", docsFS, "docs/logo.svg"},
		{"redoc.css", docsFS, "docs/redoc.css"},
		{"redoc.js", docsFS, "docs/redoc.js"},
		{"redoc.standalone.js", docsFS, "docs/redoc/redoc.standalone.js.gz"},
		{"redoc.standalone.js.LICENSE.txt", docsFS, "docs/redoc/redoc.standalone.js.LICENSE.txt"},
		{"swagger-ui-bundle.js", swaggerui.FS, "swagger-ui-bundle.js.gz"},
		{"swagger-ui.css", swaggerui.FS, "swagger-ui.css.gz"},
		{"swagger.css", docsFS, "docs/swagger.css"},
		{"swagger.js", docsFS, "docs/swagger.js"},
	}
}

func (a asset) path() string { return assetsPath + a.name }

func (a asset) load() (DocsFile, error) {
	content, err := fs.ReadFile(a.source, a.file)
	if err != nil {
		return DocsFile{}, err
	}
	if strings.HasSuffix(a.file, ".gz") {
		return DocsFile{a.contentType(), digest(content), content}, nil
	}
	return newDocsFile(a.contentType(), content), nil
}

// contentType does not ask package mime, whose answers depend on the machine.
func (a asset) contentType() string {
	switch path.Ext(a.name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	default:
		return "text/plain; charset=utf-8"
	}
}

func newDocsFile(contentType string, content []byte) DocsFile {
	var compressed bytes.Buffer
	writer := gzip.NewWriter(&compressed)
	_, _ = writer.Write(content) // a bytes.Buffer takes everything
	_ = writer.Close()
	return DocsFile{contentType, digest(content), compressed.Bytes()}
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:8])
}
