// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// The languages of fences that are for a shell.
const (
	// Shell is typed by a test.
	Shell = "sh"
	// Console can't be: docs/not-run.yaml says why.
	Console = "console"
)

// others are the languages of fences that are not for a shell. Those in YAML are
// applied, those in Go and JSON looked at, the rest is for people.
func others() []string { return []string{"yaml", "go", "json", "text", "mermaid"} }

// Languages complains of fences in any other language: nobody would check them.
func Languages(documents []Document) []string {
	var found []string
	known := append(others(), Shell, Console)
	for _, d := range documents {
		for _, f := range d.Fences {
			if !slices.Contains(known, f.Language) {
				found = append(found, fmt.Sprintf("%s:%d: a fence in %q: say one of %s", d.Path, f.Line, f.Language, strings.Join(known, ", ")))
			}
		}
	}
	return found
}

// Links complains of links within the repository that lead nowhere.
func Links(root string, documents []Document) []string {
	var found []string
	for _, d := range documents {
		for _, l := range d.Links {
			if problem := follow(root, documents, d, l.Target); problem != "" {
				found = append(found, fmt.Sprintf("%s:%d: %s: %s", d.Path, l.Line, l.Target, problem))
			}
		}
	}
	return found
}

func follow(root string, documents []Document, from Document, target string) string {
	if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
		return ""
	}
	file, anchor, _ := strings.Cut(target, "#")
	to := path.Join(path.Dir(from.Path), file)
	if file == "" {
		to = from.Path
	}
	if to == ".." || strings.HasPrefix(to, "../") || path.IsAbs(file) {
		return "leads out of the repository"
	}
	if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(to))); err != nil {
		return "there is no such file"
	}
	if anchor == "" {
		return ""
	}
	at := slices.IndexFunc(documents, func(d Document) bool { return d.Path == to })
	if at < 0 || !documents[at].Has(anchor) {
		return "there is no such heading"
	}
	return ""
}

// Unparsable complains of fences in JSON that are not.
func Unparsable(documents []Document) []string {
	var found []string
	for _, d := range documents {
		for _, f := range d.Fences {
			if f.Language == "json" && !json.Valid([]byte(f.Text)) {
				found = append(found, fmt.Sprintf("%s:%d: not JSON", d.Path, f.Line))
			}
		}
	}
	return found
}

// elision stands in an excerpt for lines that were left out.
const elision = "..."

// Excerpts complains of fences in Go that are not what the file has whose path
// follows the language: the same lines in the same order, with ... for others.
func Excerpts(root string, documents []Document) []string {
	var found []string
	for _, d := range documents {
		for _, f := range d.Fences {
			if f.Language != "go" {
				continue
			}
			if problem := excerpt(root, f); problem != "" {
				found = append(found, fmt.Sprintf("%s:%d: %s", d.Path, f.Line, problem))
			}
		}
	}
	return found
}

func excerpt(root string, f Fence) string {
	if f.Info == "" {
		return "an excerpt needs the path of its file after the language"
	}
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(f.Info)))
	if err != nil {
		return "there is no file " + f.Info
	}
	rest := "\n" + string(text)
	for part := range strings.SplitSeq("\n"+f.Text, "\n"+elision+"\n") {
		part = "\n" + strings.Trim(part, "\n") + "\n"
		at := strings.Index(rest, part)
		if at < 0 {
			return fmt.Sprintf("%s has no such lines, or not there:%s", f.Info, part)
		}
		rest = rest[at+len(part)-1:]
	}
	return ""
}
