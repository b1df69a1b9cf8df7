// SPDX-License-Identifier: Apache-2.0

// Package coverage adds up what tests cover of a module. A statement that one package's tests run
// in another package counts; generated code does not.
package coverage

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/modfile"
)

// A Figure is the number of statements in a package or a module and how many of them were run.
type Figure struct {
	Name    string
	Total   int
	Covered int
}

// Percent is 0 where there are no statements: nothing has been shown then.
func (f Figure) Percent() float64 {
	if f.Total == 0 {
		return 0
	}
	return 100 * float64(f.Covered) / float64(f.Total)
}

// A block of statements, as a profile names it: file:from,to.
type block struct {
	file       string
	statements int
	ran        bool
}

// Measure reads a profile, as `go test -coverprofile -coverpkg=./...` in the module at dir
// writes it, and returns the module's figure and those of its packages, the least covered first.
func Measure(profile []byte, dir string, module *modfile.File) (Figure, []Figure, error) {
	blocks, err := merge(profile)
	if err != nil {
		return Figure{}, nil, err
	}
	sum := Figure{Name: module.Module.Mod.Path}
	packages, skip := map[string]Figure{}, map[string]bool{}
	for _, b := range blocks {
		inside := strings.TrimPrefix(b.file, sum.Name+"/")
		if _, known := skip[b.file]; !known {
			skip[b.file] = generated(filepath.Join(dir, inside))
		}
		if skip[b.file] {
			continue
		}
		name := path.Dir(inside)
		sum = sum.with(b)
		figure := packages[name].with(b)
		figure.Name = name
		packages[name] = figure
	}
	figures := make([]Figure, 0, len(packages))
	for _, figure := range packages {
		figures = append(figures, figure)
	}
	slices.SortFunc(figures, func(a, b Figure) int {
		return cmp.Or(cmp.Compare(a.Percent(), b.Percent()), cmp.Compare(a.Name, b.Name))
	})
	return sum, figures, nil
}

func (f Figure) with(b block) Figure {
	f.Total += b.statements
	if b.ran {
		f.Covered += b.statements
	}
	return f
}

// merge puts together what each package's test binary says of each block.
func merge(profile []byte) (map[string]block, error) {
	blocks := map[string]block{}
	lines := bufio.NewScanner(bytes.NewReader(profile))
	for lines.Scan() {
		line := lines.Text()
		if strings.HasPrefix(line, "mode:") {
			continue
		}
		fields := strings.Fields(line)
		file, _, found := strings.Cut(line, ".go:")
		if len(fields) != 3 || !found {
			return nil, fmt.Errorf("not a line of a profile: %q", line)
		}
		statements, err := strconv.Atoi(fields[1])
		if err != nil {
			return nil, fmt.Errorf("reading a profile: %w", err)
		}
		ran := fields[2] != "0" || blocks[fields[0]].ran
		blocks[fields[0]] = block{file: file + ".go", statements: statements, ran: ran}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading a profile: %w", err)
	}
	return blocks, nil
}

func generated(file string) bool {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.PackageClauseOnly|parser.ParseComments)
	return err == nil && ast.IsGenerated(parsed)
}
