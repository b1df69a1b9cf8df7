// SPDX-License-Identifier: Apache-2.0

package house

import (
	"fmt"
	"go/ast"
	"path"
	"slices"
	"strings"

	"github.com/crossplaneio/crossplane/tools/workspace"
)

const (
	maxMain     = 60
	maxFunction = 100
	maxFile     = 500
	header      = "// SPDX-License-Identifier: Apache-2.0\n"
)

// forbidden are put together here so that this file does not contain them.
func forbidden() []string {
	return []string{
		"/wo" + "rk/",
		"proxy.go" + "lang.org",
		"sum.go" + "lang.org",
		"registry.np" + "mjs.org",
		"registry.ya" + "rnpkg.com",
		"deb.deb" + "ian.org",
		"pypi" + ".org",
		"index.cra" + "tes.io",
	}
}

func mains(tree *Tree) []Finding {
	var found []Finding
	for _, file := range tree.Go {
		if op := file.Operator(); op != "" && file.Path == op+"/main.go" && length(file.Text) >= maxMain {
			found = append(found, Finding{Path: file.Path, Text: fmt.Sprintf("has %d lines", length(file.Text))})
		}
	}
	return found
}

func sizes(tree *Tree) []Finding {
	var found []Finding
	for _, file := range tree.Go {
		if file.Generated {
			continue
		}
		if lines := length(file.Text); lines > maxFile && !file.Test {
			found = append(found, Finding{Path: file.Path, Text: fmt.Sprintf("has %d lines", lines)})
		}
		found = append(found, longFunctions(file)...)
	}
	return found
}

func longFunctions(file GoFile) []Finding {
	var found []Finding
	for _, decl := range file.AST.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		start := file.line(fn.Pos())
		if lines := file.line(fn.End()) - start + 1; lines > maxFunction {
			found = append(found, Finding{Path: file.Path, Line: start, Text: fmt.Sprintf("%s has %d lines", fn.Name.Name, lines)})
		}
	}
	return found
}

// replaces leaves the modules outside the workspace alone: they rule nobody but themselves.
func replaces(tree *Tree) []Finding {
	var found []Finding
	for _, module := range tree.Modules {
		for _, replace := range module.File.Replace {
			if replace.Old.Path != workspace.Base+"shared" || replace.New.Path != "../shared" {
				found = append(found, Finding{
					Path: path.Join(module.Dir, "go.mod"), Line: replace.Syntax.Start.Line,
					Text: fmt.Sprintf("replaces %s by %s", replace.Old.Path, replace.New.Path),
				})
			}
		}
	}
	return found
}

func words(tree *Tree) []Finding {
	var found []Finding
	banned := forbidden()
	for _, file := range tree.Files {
		for number, line := range strings.Split(file.Text, "\n") {
			hit := slices.IndexFunc(banned, func(word string) bool { return strings.Contains(line, word) })
			if hit >= 0 {
				found = append(found, Finding{Path: file.Path, Line: number + 1, Text: "contains " + banned[hit]})
			}
		}
	}
	return found
}

// headers lets a generator put its build constraint before the header.
func headers(tree *Tree) []Finding {
	var found []Finding
	for _, file := range tree.Go {
		before, _, _ := strings.Cut(file.Text, "\npackage ")
		ok := strings.HasPrefix(file.Text, header+"\n") || file.Generated && strings.Contains(before, header)
		if !ok {
			found = append(found, Finding{Path: file.Path, Line: 1, Text: "does not start with " + strings.TrimSpace(header) + " and an empty line"})
		}
	}
	return found
}
