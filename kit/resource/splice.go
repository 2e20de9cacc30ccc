package resource

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"

	yaml "github.com/oasdiff/yaml3"
)

// insert returns text with an addition at an offset.
func insert(text []byte, at int, addition string) []byte {
	return slices.Concat(text[:at:at], []byte(addition), text[at:])
}

// endOfYAML returns the offset of the end of the mapping or list at a path, in block style: after its
// last line, with the comments that belong to it. The names of a path are keys, or indexes of lists.
func endOfYAML(text []byte, path ...string) (int, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return 0, err
	}
	if len(root.Content) == 0 {
		return 0, errors.New("the document is empty")
	}
	node, next, key := root.Content[0], 0, &yaml.Node{Column: 1}
	for i, name := range path {
		at, step := childOf(node, name)
		if at < 0 {
			return 0, fmt.Errorf("there is no %s", strings.Join(path[:i+1], "."))
		}
		if at+step < len(node.Content) {
			next = node.Content[at+step].Line
		}
		key, node = node.Content[at], node.Content[at+step-1]
	}
	if node.Style&yaml.FlowStyle != 0 || node.Kind != yaml.MappingNode && node.Kind != yaml.SequenceNode || len(node.Content) == 0 {
		return 0, fmt.Errorf("%s is not a mapping or a list with a line for each member", strings.Join(path, "."))
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	end := len(lines)
	if next > 0 {
		end = next - 1
	}
	for end > key.Line && isOutside(lines[end-1], key.Column-1) {
		end--
	}
	return len(bytes.Join(lines[:end], nil)), nil
}

// childOf returns the index of a child, and how many nodes each child takes; -1 if there is none.
func childOf(node *yaml.Node, name string) (at, step int) {
	if node.Kind == yaml.SequenceNode {
		if i, err := strconv.Atoi(name); err == nil && i < len(node.Content) {
			return i, 1
		}
		return -1, 1
	}
	for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == name {
			return i, 2
		}
	}
	return -1, 2
}

// isOutside reports whether a line before the next key does not belong to a mapping whose key is
// indented: it is empty, or a comment of what follows.
func isOutside(line []byte, indent int) bool {
	content := bytes.TrimLeft(line, " ")
	if len(bytes.TrimSpace(content)) == 0 {
		return true
	}
	return content[0] == '#' && len(line)-len(content) <= indent
}

// goFile is a parsed file.
type goFile struct {
	text []byte
	set  *token.FileSet
	*ast.File
}

func parseGo(name string, text []byte) (goFile, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, text, parser.ParseComments|parser.SkipObjectResolution)
	return goFile{text, set, file}, err
}

func (f goFile) offset(pos token.Pos) int { return f.set.Position(pos).Offset }

// lineAfter returns the offset of the line after a position.
func (f goFile) lineAfter(pos token.Pos) int {
	at := f.offset(pos)
	for {
		end := bytes.IndexByte(f.text[at:], '\n')
		if end < 0 {
			return len(f.text)
		}
		at += end + 1
		// The end of a region that a copy may leave out: what is inserted is not part of it.
		if !bytes.HasPrefix(bytes.TrimLeft(f.text[at:], "\t"), []byte("// scaffold:end")) {
			return at
		}
	}
}

// typeNamed returns the type of a declaration.
func (f goFile) typeNamed(name string) ast.Expr {
	var found ast.Expr
	ast.Inspect(f.File, func(node ast.Node) bool {
		if spec, ok := node.(*ast.TypeSpec); ok && spec.Name.Name == name {
			found = spec.Type
		}
		return found == nil
	})
	return found
}

// insertField adds a line to a struct, after its last field.
func insertField(file string, text []byte, structName, line string) ([]byte, error) {
	f, err := parseGo(file, text)
	if err != nil {
		return nil, err
	}
	structure, ok := f.typeNamed(structName).(*ast.StructType)
	if !ok || len(structure.Fields.List) == 0 {
		return nil, fmt.Errorf("there is no struct %s with fields", structName)
	}
	return insertAligned(text, f.lineAfter(structure.Fields.List[len(structure.Fields.List)-1].End()), line)
}

// insertEmbedded adds an interface to those that another one embeds.
func insertEmbedded(file string, text []byte, interfaceName, line string) ([]byte, error) {
	f, err := parseGo(file, text)
	if err != nil {
		return nil, err
	}
	if store, ok := f.typeNamed(interfaceName).(*ast.InterfaceType); ok {
		for _, method := range slices.Backward(store.Methods.List) {
			if len(method.Names) == 0 {
				return insertAligned(text, f.lineAfter(method.End()), line)
			}
		}
	}
	return nil, fmt.Errorf("there is no interface %s that embeds others", interfaceName)
}

// insertElement adds a line to a literal of a type, after its last element. The literal is one with
// elements, in a function or a variable.
func insertElement(file string, text []byte, in, typeName, line string) ([]byte, error) {
	f, err := parseGo(file, text)
	if err != nil {
		return nil, err
	}
	var found *ast.CompositeLit
	for _, declaration := range f.Decls {
		if !declares(declaration, in) {
			continue
		}
		ast.Inspect(declaration, func(node ast.Node) bool {
			if literal, ok := node.(*ast.CompositeLit); ok && found == nil && len(literal.Elts) > 0 && nameOfType(literal.Type) == typeName {
				found = literal
			}
			return true
		})
	}
	if found == nil {
		return nil, fmt.Errorf("there is no %s with elements in %s", typeName, in)
	}
	return insertAligned(text, f.lineAfter(found.Elts[len(found.Elts)-1].End()), line)
}

func declares(declaration ast.Decl, name string) bool {
	switch declaration := declaration.(type) {
	case *ast.FuncDecl:
		return declaration.Recv == nil && declaration.Name.Name == name
	case *ast.GenDecl:
		return slices.ContainsFunc(declaration.Specs, func(spec ast.Spec) bool {
			value, ok := spec.(*ast.ValueSpec)
			return ok && slices.ContainsFunc(value.Names, func(ident *ast.Ident) bool { return ident.Name == name })
		})
	}
	return false
}

// nameOfType returns the name of a type in a literal: Services for domain.Services, []fixture for a
// list.
func nameOfType(expression ast.Expr) string {
	switch expression := expression.(type) {
	case *ast.Ident:
		return expression.Name
	case *ast.SelectorExpr:
		return expression.Sel.Name
	case *ast.ArrayType:
		return "[]" + nameOfType(expression.Elt)
	}
	return ""
}

// insertAligned inserts a line that gofmt leaves alone, and that lets gofmt leave all others alone: a
// name that is longer than those above would move them, so a blank line sets it apart.
func insertAligned(text []byte, at int, line string) ([]byte, error) {
	for _, addition := range []string{line + "\n", "\n" + line + "\n"} {
		formatted, err := format.Source(insert(text, at, addition))
		if err != nil {
			return nil, err
		}
		if addsOnly(text, formatted, at) {
			return formatted, nil
		}
	}
	return insert(text, at, "\n"+line+"\n"), nil // gofmt would change other lines, too
}

// addsOnly reports whether after is before with an addition at an offset.
func addsOnly(before, after []byte, at int) bool {
	return len(after) > len(before) && bytes.HasPrefix(after, before[:at]) && bytes.HasSuffix(after, before[at:])
}

// insertBefore adds lines before the only line that begins with a text.
func insertBefore(text, anchor, lines string) (string, error) {
	at := lineWith(text, anchor)
	if at < 0 {
		return "", fmt.Errorf("there is no one line that begins with %q", anchor)
	}
	return text[:at] + lines + text[at:], nil
}

// insertInList adds lines at the end of a list that has a line for each element.
func insertInList(text, first, last, lines string) (string, error) {
	at := lineWith(text, first+"\n")
	if at < 0 {
		return "", fmt.Errorf("there is no one line %q with a line for each element below", first)
	}
	end := strings.Index(text[at:], "\n"+last)
	if end < 0 {
		return "", fmt.Errorf("the list %q does not end with %q", first, last)
	}
	end += at + 1
	return text[:end] + lines + text[end:], nil
}

// insertImport adds a name to an import that has a line for each name, in order, or else another import
// after it.
func insertImport(text, module, name string) (string, error) {
	from := "} from \"" + module + "\";\n"
	end := strings.Index(text, from)
	if end < 0 {
		return "", fmt.Errorf("there is no import from %q", module)
	}
	start := strings.LastIndex(text[:end], "import {") + len("import {")
	if regexp.MustCompile(`\b` + name + `\b`).MatchString(text[start:end]) {
		return text, nil
	}
	if text[start] != '\n' {
		at := end + len(from)
		return text[:at] + "import { " + name + " } from \"" + module + "\";\n" + text[at:], nil
	}
	at := start + 1
	for line := range strings.Lines(text[at:end]) {
		other := strings.TrimPrefix(strings.TrimSpace(line), "type ")
		if other > name && !strings.HasPrefix(other, "//") {
			break
		}
		at += len(line)
	}
	return text[:at] + "  " + name + ",\n" + text[at:], nil
}

// lineWith returns the offset of the only line that begins with a text; -1 if there is none or more.
func lineWith(text, start string) int {
	lines := "\n" + text
	at := strings.Index(lines, "\n"+start)
	if at < 0 || strings.Contains(lines[at+1:], "\n"+start) {
		return -1
	}
	return at
}
