// SPDX-License-Identifier: Apache-2.0

package images

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/crossplaneio/crossplane/tools/workspace"
)

// noAssertion is how SPDX says that nothing is claimed.
const noAssertion = "NOASSERTION"

// document is an SPDX 2.3 document, as far as one is needed here.
// https://spdx.github.io/spdx-spec/v2.3/
type document struct {
	SPDXVersion       string         `json:"spdxVersion"`
	DataLicense       string         `json:"dataLicense"`
	ID                string         `json:"SPDXID"`
	Name              string         `json:"name"`
	DocumentNamespace string         `json:"documentNamespace"`
	CreationInfo      creation       `json:"creationInfo"`
	Packages          []component    `json:"packages"`
	Relationships     []relationship `json:"relationships"`
}

type creation struct {
	Created  string   `json:"created"`
	Creators []string `json:"creators"`
}

// component is what SPDX calls a package: the program itself, a module in it, Go's library.
type component struct {
	ID               string     `json:"SPDXID"`
	Name             string     `json:"name"`
	Version          string     `json:"versionInfo"`
	DownloadLocation string     `json:"downloadLocation"`
	FilesAnalyzed    bool       `json:"filesAnalyzed"`
	Purpose          string     `json:"primaryPackagePurpose"`
	LicenseConcluded string     `json:"licenseConcluded"`
	LicenseDeclared  string     `json:"licenseDeclared"`
	Copyright        string     `json:"copyrightText"`
	SourceInfo       string     `json:"sourceInfo,omitempty"`
	Checksums        []checksum `json:"checksums,omitempty"`
	ExternalRefs     []external `json:"externalRefs"`
}

type checksum struct {
	Algorithm string `json:"algorithm"`
	Value     string `json:"checksumValue"`
}

type external struct {
	Category string `json:"referenceCategory"`
	Type     string `json:"referenceType"`
	Locator  string `json:"referenceLocator"`
}

type relationship struct {
	Element string `json:"spdxElementId"`
	Type    string `json:"relationshipType"`
	Related string `json:"relatedSpdxElement"`
}

// writeSBOM writes what a program is made of next to its image, and returns the path.
func (o *Options) writeSBOM(p program) (string, error) {
	content, err := os.ReadFile(p.path)
	if err != nil {
		return "", fmt.Errorf("reading the program: %w", err)
	}
	info, err := buildinfo.ReadFile(p.path)
	if err != nil {
		return "", fmt.Errorf("reading what the program is made of: %w", err)
	}
	sum := sha256.Sum256(content)
	text, err := json.MarshalIndent(o.sbom(p, info, hex.EncodeToString(sum[:])), "", "  ")
	if err != nil {
		return "", fmt.Errorf("writing the bill of materials: %w", err)
	}
	path := filepath.Join(o.Out, fmt.Sprintf("%s_%s_linux_%s.spdx.json", p.name, o.Version, p.arch))
	if err := os.WriteFile(path, append(text, '\n'), 0o644); err != nil {
		return "", fmt.Errorf("writing the bill of materials: %w", err)
	}
	return path, nil
}

// sbom is made from what the linker recorded in the program itself, not from what go.mod asks for.
func (o *Options) sbom(p program, info *debug.BuildInfo, sum string) document {
	const self = "SPDXRef-Program"
	name := fmt.Sprintf("%s-%s-linux-%s", p.name, o.Version, p.arch)
	d := document{
		SPDXVersion: "SPDX-2.3", DataLicense: "CC0-1.0", ID: "SPDXRef-DOCUMENT", Name: name,
		DocumentNamespace: source + "/spdx/" + name + "-" + sum,
		CreationInfo:      creation{Created: o.Source.Time.UTC().Format(time.RFC3339), Creators: []string{"Tool: crossplane-images"}},
		Relationships:     []relationship{{"SPDXRef-DOCUMENT", "DESCRIBES", self}},
	}
	main := newComponent(self, info.Path, o.Version, "APPLICATION")
	main.LicenseDeclared = "Apache-2.0"
	main.Checksums = []checksum{{"SHA256", sum}}
	library := newComponent("SPDXRef-Go", "stdlib", strings.TrimPrefix(info.GoVersion, "go"), "LIBRARY")
	d.Packages = append(d.Packages, main, library)
	for i, module := range modules(info) {
		d.Packages = append(d.Packages, o.module(fmt.Sprintf("SPDXRef-Module-%d", i+1), module))
	}
	for _, c := range d.Packages[1:] {
		d.Relationships = append(d.Relationships, relationship{self, "DEPENDS_ON", c.ID})
	}
	return d
}

// modules are those that are really in the program: replacements in the place of what they
// replace, sorted by path.
func modules(info *debug.BuildInfo) []*debug.Module {
	var found []*debug.Module
	for _, module := range info.Deps {
		if module.Replace != nil {
			module = module.Replace
		}
		found = append(found, module)
	}
	slices.SortFunc(found, func(a, b *debug.Module) int { return strings.Compare(a.Path, b.Path) })
	return found
}

// module describes one module. Those of this repository have the version of what is released.
func (o *Options) module(id string, m *debug.Module) component {
	if strings.HasPrefix(m.Path+"/", workspace.Base) || m.Version == "" {
		return newComponent(id, m.Path, o.Version, "LIBRARY")
	}
	c := newComponent(id, m.Path, m.Version, "LIBRARY")
	if m.Sum != "" {
		c.SourceInfo = "go.sum " + m.Sum
	}
	return c
}

func newComponent(id, name, version, purpose string) component {
	return component{
		ID: id, Name: name, Version: version, Purpose: purpose,
		DownloadLocation: noAssertion, LicenseConcluded: noAssertion, LicenseDeclared: noAssertion, Copyright: noAssertion,
		// https://github.com/package-url/purl-spec
		ExternalRefs: []external{{"PACKAGE-MANAGER", "purl", "pkg:golang/" + strings.ToLower(name) + "@" + url.QueryEscape(version)}},
	}
}
