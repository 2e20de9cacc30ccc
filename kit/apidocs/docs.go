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

	"example.com/plinth/kit/apispec"
)

// The URL paths of the documentation. Links between pages are relative to /api/, so that a proxy
// may add a prefix.
const (
	OpenAPIJSONPath = "/api/openapi.json"
	OpenAPIYAMLPath = "/api/openapi.yaml"
	// SwaggerPath is the interactive view.
	SwaggerPath = "/api/docs"
	// RedocPath is the reading view.
	RedocPath = "/api/redoc"

	assetsPath = "/api/docs/assets/"
)

//go:embed assets/*.html assets/*.css assets/*.js assets/*.svg assets/redoc/*.gz assets/redoc/*.LICENSE.txt
var assetsFS embed.FS

// File is one file of the documentation.
type File struct {
	ContentType string
	// Digest changes when the content does. It is made of hexadecimal digits.
	Digest string
	// Gzip is the content, compressed.
	Gzip []byte
}

// Plain returns the content as it was before compression.
func (f File) Plain() ([]byte, error) {
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

// Paths returns the URL paths of all files that [Files] returns.
func Paths() []string {
	paths := []string{OpenAPIJSONPath, OpenAPIYAMLPath, SwaggerPath, RedocPath}
	for _, a := range assets() {
		paths = append(paths, a.path())
	}
	return paths
}

// Files returns the documentation of a published contract in YAML by URL path: the contract in both
// forms, the pages and their assets. It compresses them, which takes milliseconds: cache the
// result.
func Files(contract []byte) (map[string]File, error) {
	docs := map[string]File{}
	var placeholders []string
	for _, a := range assets() {
		file, err := a.load()
		if err != nil {
			return nil, fmt.Errorf("loading %s: %w", a.file, err)
		}
		docs[a.path()] = file
		placeholders = append(placeholders, "{{"+a.name+"}}", strings.TrimPrefix(a.path(), "/api/")+"?v="+file.Digest)
	}

	converted, err := apispec.JSON(contract)
	if err != nil {
		return nil, err
	}
	var head struct {
		Info struct {
			Title   string `json:"title"`
			Version string `json:"version"`
		} `json:"info"`
	}
	if err := json.Unmarshal(converted, &head); err != nil {
		return nil, fmt.Errorf("reading the title of the contract: %w", err)
	}
	placeholders = append(placeholders,
		"{{title}}", html.EscapeString(head.Info.Title),
		"{{version}}", html.EscapeString(head.Info.Version))
	fill := strings.NewReplacer(placeholders...)

	docs[OpenAPIJSONPath] = newFile("application/json", converted)
	docs[OpenAPIYAMLPath] = newFile("application/yaml", contract)
	for urlPath, name := range map[string]string{SwaggerPath: "assets/swagger.html", RedocPath: "assets/redoc.html"} {
		page, err := assetsFS.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("loading %s: %w", name, err)
		}
		docs[urlPath] = newFile("text/html; charset=utf-8", []byte(fill.Replace(string(page))))
	}
	return docs, nil
}

// asset is a file that the pages load. In pages, its name in double braces is replaced by its URL,
// which has a digest of the content, so that browsers may cache the file without limit.
type asset struct {
	name   string
	source fs.FS
	file   string // ends in .gz if it is stored compressed
}

func assets() []asset {
	return []asset{
		{"docs.css", assetsFS, "assets/docs.css"},
		{"logo.svg", assetsFS, "assets/logo.svg"},
		{"redoc.css", assetsFS, "assets/redoc.css"},
		{"redoc.js", assetsFS, "assets/redoc.js"},
		{"redoc.standalone.js", assetsFS, "assets/redoc/redoc.standalone.js.gz"},
		{"redoc.standalone.js.LICENSE.txt", assetsFS, "assets/redoc/redoc.standalone.js.LICENSE.txt"},
		{"swagger-ui-bundle.js", swaggerui.FS, "swagger-ui-bundle.js.gz"},
		{"swagger-ui.css", swaggerui.FS, "swagger-ui.css.gz"},
		{"swagger.css", assetsFS, "assets/swagger.css"},
		{"swagger.js", assetsFS, "assets/swagger.js"},
	}
}

func (a asset) path() string { return assetsPath + a.name }

func (a asset) load() (File, error) {
	content, err := fs.ReadFile(a.source, a.file)
	if err != nil {
		return File{}, err
	}
	if strings.HasSuffix(a.file, ".gz") {
		return File{a.contentType(), digest(content), content}, nil
	}
	return newFile(a.contentType(), content), nil
}

// contentType does not use package mime, whose types depend on the machine.
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

func newFile(contentType string, content []byte) File {
	var compressed bytes.Buffer
	writer := gzip.NewWriter(&compressed)
	_, _ = writer.Write(content) // a bytes.Buffer returns no error
	_ = writer.Close()
	return File{contentType, digest(content), compressed.Bytes()}
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:8])
}
