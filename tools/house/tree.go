// SPDX-License-Identifier: Apache-2.0

package house

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/crossplaneio/crossplane/tools/workspace"
)

// A Tree is what the checks look at: the files of a working copy, read once.
type Tree struct {
	Files   []File
	Go      []GoFile
	Modules []workspace.Module
	broken  []Finding
}

// A File is one file, its path relative to the root and with slashes.
type File struct {
	Path string
	Text string
}

// A GoFile is a Go file that parses.
type GoFile struct {
	File

	AST       *ast.File
	Lines     *token.FileSet
	Test      bool
	Generated bool
}

// Load reads the files at paths, which are relative to root.
func Load(root string, paths []string) (*Tree, error) {
	modules, err := workspace.Modules(root)
	if err != nil {
		return nil, err
	}
	tree := &Tree{Modules: modules}
	for _, name := range paths {
		raw, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return nil, fmt.Errorf("reading the tree: %w", err)
		}
		file := File{Path: filepath.ToSlash(name), Text: string(raw)}
		tree.Files = append(tree.Files, file)
		if strings.HasSuffix(name, ".go") && !strings.Contains(name, "testdata/") {
			tree.parse(file)
		}
	}
	return tree, nil
}

func (t *Tree) parse(file File) {
	lines := token.NewFileSet()
	parsed, err := parser.ParseFile(lines, file.Path, file.Text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.broken = append(t.broken, Finding{Path: file.Path, Text: err.Error()})
		return
	}
	t.Go = append(t.Go, GoFile{
		File: file, AST: parsed, Lines: lines,
		Test:      strings.HasSuffix(file.Path, "_test.go"),
		Generated: ast.IsGenerated(parsed),
	})
}

// Top is the first folder of the path: for most files the module.
func (f File) Top() string {
	top, _, _ := strings.Cut(f.Path, "/")
	return top
}

// Under tells whether the file lies in the folder dir.
func (f File) Under(dir string) bool { return strings.HasPrefix(f.Path, dir+"/") }

// Operator is the operator that the file belongs to, or nothing.
func (f File) Operator() string {
	if top := f.Top(); top != f.Path && strings.HasSuffix(top, "-operator") {
		return top
	}
	return ""
}

// An imported package and the line that imports it.
type imported struct {
	Path string
	Line int
}

// Within tells whether the package is prefix or lies below it.
func (i imported) Within(prefix string) bool {
	return i.Path == prefix || strings.HasPrefix(i.Path, prefix+"/")
}

// Standard tells whether the package is of the standard library: its first element has no dot.
func (i imported) Standard() bool {
	first, _, _ := strings.Cut(i.Path, "/")
	return !strings.Contains(first, ".")
}

func (f GoFile) imports() []imported {
	found := make([]imported, 0, len(f.AST.Imports))
	for _, spec := range f.AST.Imports {
		if name, err := strconv.Unquote(spec.Path.Value); err == nil {
			found = append(found, imported{Path: name, Line: f.line(spec.Pos())})
		}
	}
	return found
}

func (f GoFile) line(pos token.Pos) int { return f.Lines.Position(pos).Line }

// length is the number of lines of a text that ends with a line break.
func length(text string) int { return strings.Count(text, "\n") }
