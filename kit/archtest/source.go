package archtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// check returns the violations of the rules.
func (r Rules) check(ctx context.Context) ([]string, error) {
	goMod, err := readGoMod(ctx, r.Dir)
	if err != nil {
		return nil, err
	}
	c := &checker{Rules: r, goMod: goMod, modules: map[string]string{"": goMod.Module.Path}, packages: map[string]bool{}}
	maps.Copy(c.modules, r.Neighbors)
	files, err := sourceFiles(r.Dir)
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		if !file.isTest {
			c.packages[path.Dir(file.name)] = true
		}
		c.importsOf(file)
	}
	c.tables()
	if r.Stateless {
		complaints, err := state(r.Dir, files)
		if err != nil {
			return nil, err
		}
		c.complaints = append(c.complaints, complaints...)
	}
	for _, isolation := range r.Isolated {
		for _, pkg := range isolation.Packages {
			linked, err := dependencies(ctx, r.Dir, pkg)
			if err != nil {
				return nil, err
			}
			c.links(pkg, linked, isolation)
		}
	}
	return c.complaints, nil
}

// goMod is a go.mod file, as the go command prints it.
type goMod struct {
	Module struct {
		Path string `json:"Path"`
	} `json:"Module"`
	Require []struct {
		Path     string `json:"Path"`
		Indirect bool   `json:"Indirect"`
	} `json:"Require"`
}

func readGoMod(ctx context.Context, dir string) (goMod, error) {
	var module goMod
	out, err := runGo(ctx, dir, "mod", "edit", "-json")
	if err == nil {
		err = json.Unmarshal(out, &module)
	}
	return module, err
}

// requires reports whether the module uses another one itself.
func (m goMod) requires(module string) bool {
	for _, required := range m.Require {
		if required.Path == module {
			return !required.Indirect
		}
	}
	return false
}

// sourceFile is a Go file: its name relative to the module, with slashes, and its imports.
type sourceFile struct {
	name    string
	isTest  bool
	imports []string
}

// sourceFiles reads the Go files of the module in dir, for all systems and build tags, generated ones included.
func sourceFiles(dir string) (files []sourceFile, err error) {
	module := os.DirFS(dir)
	err = fs.WalkDir(module, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && (!holdsPackages(entry.Name()) || isModule(module, name)):
			return fs.SkipDir
		case entry.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		file := sourceFile{name: name, isTest: strings.HasSuffix(name, "_test.go")}
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, filepath.FromSlash(name)), nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			file.imports = append(file.imports, imported)
		}
		files = append(files, file)
		return nil
	})
	return files, err
}

// holdsPackages reports whether the go command finds packages of the module in a folder of this name.
func holdsPackages(folder string) bool {
	return !slices.Contains([]string{"testdata", "node_modules", "vendor"}, folder) && folder[0] != '.' && folder[0] != '_'
}

func isModule(module fs.FS, folder string) bool {
	_, err := fs.Stat(module, path.Join(folder, "go.mod"))
	return err == nil
}

// dependencies returns all packages that a package links, each with those that it imports.
func dependencies(ctx context.Context, dir, pkg string) (map[string][]string, error) {
	out, err := runGo(ctx, dir, "list", "-deps", "-json=ImportPath,Imports", "./"+pkg)
	if err != nil {
		return nil, err
	}
	linked := map[string][]string{}
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var pkg struct {
			ImportPath string   `json:"ImportPath"`
			Imports    []string `json:"Imports"`
		}
		err := decoder.Decode(&pkg)
		if errors.Is(err, io.EOF) {
			return linked, nil
		}
		if err != nil {
			return nil, err
		}
		linked[pkg.ImportPath] = pkg.Imports
	}
}

// runGo runs the go command in dir. A go.work file in a folder above does not apply.
func runGo(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...) //nolint:gosec // G204: the arguments are ours
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), "GOWORK=off")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", cmd, err, stderr.String())
	}
	return out, nil
}
