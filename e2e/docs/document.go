// SPDX-License-Identifier: Apache-2.0

// Package docs checks that the documents tell the truth: what they say to type
// is typed, what they say to apply is applied, where they point to is there, and
// their tables have what the code has.
package docs

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Document is a file in Markdown, as far as these checks care.
type Document struct {
	Path     string // relative to the root, with slashes
	Fences   []Fence
	Headings []Heading
	Links    []Link
	Tables   []Table
}

// Fence is a block of text that stands as it is.
type Fence struct {
	Line     int    // of the first line within
	Language string // the first word after the backticks
	Info     string // the words that follow it
	Text     string
	Under    string // anchor of the heading above; empty if there is none
}

// First is the first line, by which a fence is known in a list.
func (f Fence) First() string {
	first, _, _ := strings.Cut(f.Text, "\n")
	return first
}

// Heading is a title within a document.
type Heading struct {
	Level  int
	Anchor string // what follows # in a link to it
}

// Link is a way to another place.
type Link struct {
	Line   int
	Target string
}

// Table is one with a header; cells are trimmed.
type Table struct {
	Under  string // anchor of the heading above
	Header []string
	Rows   [][]string
}

// Find returns the documents that are for readers of the project: README.md and
// all under docs, in the order of their paths.
func Find(root string) ([]Document, error) {
	paths := []string{"README.md"}
	err := fs.WalkDir(os.DirFS(root), "docs", func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".md") {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("looking for documents: %w", err)
	}
	return read(root, paths...)
}

// Beside returns the other documents in the root, which are not run.
func Beside(root string) ([]Document, error) {
	found, err := fs.Glob(os.DirFS(root), "*.md")
	if err != nil {
		return nil, fmt.Errorf("looking for documents: %w", err)
	}
	return read(root, slices.DeleteFunc(found, func(path string) bool { return path == "README.md" })...)
}

func read(root string, paths ...string) ([]Document, error) {
	var documents []Document
	for _, path := range paths {
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path)))
		if err != nil {
			return nil, fmt.Errorf("reading a document: %w", err)
		}
		documents = append(documents, Parse(path, string(text)))
	}
	return documents, nil
}

// Parse returns what there is in a document.
func Parse(path, text string) Document {
	p := reader{document: Document{Path: path}, anchors: map[string]int{}}
	for line := range strings.Lines(text) {
		p.line++
		p.take(strings.TrimSuffix(line, "\n"))
	}
	return p.document
}

// reader goes through a document line by line.
type reader struct {
	document Document
	anchors  map[string]int // how often each was used
	line     int
	under    string
	open     *Fence // the one that the line is in
	indent   string // of that one
	table    bool   // whether the line before was a row of the last table
}

var (
	fence     = regexp.MustCompile("^( *)```+ *(\\S*) *(.*)$")
	heading   = regexp.MustCompile(`^(#{1,6}) +(.*)$`)
	link      = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	code      = regexp.MustCompile("`[^`]*`")
	separator = regexp.MustCompile(`^\|[-:| ]+\|$`)
)

func (p *reader) take(line string) {
	found := fence.FindStringSubmatch(line)
	switch {
	case p.open != nil && found != nil && found[2] == "":
		p.document.Fences = append(p.document.Fences, *p.open)
		p.open = nil
	case p.open != nil:
		p.open.Text += strings.TrimPrefix(line, p.indent) + "\n"
	case found != nil:
		p.open = &Fence{Line: p.line + 1, Language: found[2], Info: found[3], Under: p.under}
		p.indent = found[1]
	default:
		p.prose(line)
	}
}

func (p *reader) prose(line string) {
	if found := heading.FindStringSubmatch(line); found != nil {
		p.under = p.anchor(found[2])
		p.document.Headings = append(p.document.Headings, Heading{Level: len(found[1]), Anchor: p.under})
	}
	for _, found := range link.FindAllStringSubmatch(code.ReplaceAllString(line, "code"), -1) {
		p.document.Links = append(p.document.Links, Link{Line: p.line, Target: found[1]})
	}
	p.row(line)
}

// row takes a line of a table; the first is its header.
func (p *reader) row(line string) {
	is := strings.HasPrefix(line, "|") && strings.HasSuffix(line, "|")
	switch {
	case !is:
	case !p.table:
		p.document.Tables = append(p.document.Tables, Table{Under: p.under, Header: cells(line)})
	case !separator.MatchString(line):
		last := &p.document.Tables[len(p.document.Tables)-1]
		last.Rows = append(last.Rows, cells(line))
	}
	p.table = is
}

func cells(line string) []string {
	cut := strings.Split(strings.Trim(line, "|"), "|")
	for i := range cut {
		cut[i] = strings.TrimSpace(cut[i])
	}
	return cut
}

// anchor is how a link finds a heading: lower case, hyphens for spaces, and of
// the other characters only letters and digits; a number where it was there.
func (p *reader) anchor(title string) string {
	slug := strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
			return unicode.ToLower(r)
		default:
			return -1
		}
	}, title)
	n := p.anchors[slug]
	p.anchors[slug]++
	if n > 0 {
		return slug + "-" + strconv.Itoa(n)
	}
	return slug
}

// Has reports whether a link can point to anchor.
func (d Document) Has(anchor string) bool {
	return slices.ContainsFunc(d.Headings, func(h Heading) bool { return h.Anchor == anchor })
}

// Words returns what is in backticks in a cell of a table.
func Words(cell string) []string {
	var words []string
	for _, word := range code.FindAllString(cell, -1) {
		words = append(words, strings.Trim(word, "`"))
	}
	return words
}

// Named returns the rows by each of the words in backticks of their first cell,
// of those tables under a heading whose first column has this title.
func (d Document) Named(under, title string) map[string][]string {
	rows := map[string][]string{}
	for _, table := range d.Tables {
		if under != "" && table.Under != under || table.Header[0] != title {
			continue
		}
		for _, row := range table.Rows {
			for _, word := range Words(row[0]) {
				rows[word] = row
			}
		}
	}
	return rows
}
