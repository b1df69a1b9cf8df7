// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
)

// The packages whose constants the documents explain.
const (
	contractPackage = "shared/api/v1alpha1"
	claimPackage    = "core-operator/api/claim/v1alpha1"
	classPackage    = "core-operator/api/core/v1alpha1"
)

// Constants returns the values of the text constants of a package whose names
// begin with prefix, by their names. The code is read, not imported: no operator
// may be.
func Constants(root, pkg, prefix string) (map[string]string, error) {
	files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pkg), "*.go"))
	if err != nil {
		return nil, fmt.Errorf("looking for constants: %w", err)
	}
	found := map[string]string{}
	for _, file := range files {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("reading constants: %w", err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok {
				collect(found, spec, prefix)
			}
			return true
		})
	}
	return found, nil
}

func collect(found map[string]string, spec *ast.ValueSpec, prefix string) {
	for i, name := range spec.Names {
		if !strings.HasPrefix(name.Name, prefix) || i >= len(spec.Values) {
			continue
		}
		if literal, ok := spec.Values[i].(*ast.BasicLit); ok && literal.Kind == token.STRING {
			if value, err := strconv.Unquote(literal.Value); err == nil {
				found[name.Name] = value
			}
		}
	}
}
