// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/loader/archive"
	helm "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	helmutil "helm.sh/helm/v4/pkg/chart/v2/util"
	"helm.sh/helm/v4/pkg/engine"
	kubejson "k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"
)

// render does what a Request asks for, in this process: as `helm template` does,
// without a cluster to look things up in and without DNS.
func render(ctx context.Context, r Request) (Rendering, error) {
	c, err := load(r)
	if err != nil {
		return nil, err
	}
	values, err := valuesFor(c, r)
	if err != nil {
		return nil, err
	}
	files, err := engine.Engine{}.RenderWithContext(ctx, c, values)
	if err != nil {
		return nil, invalid("it does not render: %s", unquoted(err))
	}
	return collect(c, files, r.Hooks)
}

// load reads the chart, and sees that it is the one that was asked for and whole.
func load(r Request) (*helm.Chart, error) {
	files, err := unpack(r.Archive)
	if err != nil {
		return nil, err
	}
	archive.MaxDecompressedChartSize = maxUnpacked // of the charts that are packed in it
	c, err := loader.LoadFiles(files)
	if err == nil {
		err = c.Validate()
	}
	switch {
	case err != nil:
		return nil, invalid("it can't be read: %s", unquoted(err))
	case c.Metadata.Name != r.Name || c.Metadata.Version != r.Version:
		return nil, invalid("what is there is chart %s %s, not %s %s", c.Metadata.Name, c.Metadata.Version, r.Name, r.Version)
	case c.Metadata.Type == "library":
		return nil, invalid("it is a library for other charts, with nothing to run")
	}
	return c, complete(c)
}

// complete sees that the charts that a chart depends on are packed in it: nothing
// else is fetched.
func complete(c *helm.Chart) error {
	for _, needed := range c.Metadata.Dependencies {
		if !slices.ContainsFunc(c.Dependencies(), func(d *helm.Chart) bool { return d.Name() == needed.Name }) {
			return invalid("it depends on chart %s, which is not packed in its charts/: package it after `helm dependency build`", needed.Name)
		}
	}
	return nil
}

// valuesFor returns all that templates see.
func valuesFor(c *helm.Chart, r Request) (common.Values, error) {
	given := map[string]any{}
	if len(r.Values) > 0 {
		exactly := json.NewDecoder(bytes.NewReader(r.Values))
		exactly.UseNumber() // or templates would see 1e+06
		if err := exactly.Decode(&given); err != nil {
			return nil, invalid("the values are no object")
		}
	}
	version, err := common.ParseKubeVersion(r.KubeVersion)
	if err != nil {
		return nil, invalid("the target has Kubernetes %q, which is no version", r.KubeVersion)
	}
	if wants := c.Metadata.KubeVersion; wants != "" && !r.Supposed && !helmutil.IsCompatibleRange(wants, version.String()) {
		return nil, invalid("it wants Kubernetes %s, and the target has %s", wants, r.KubeVersion)
	}
	if err := helmutil.ProcessDependencies(c, given); err != nil {
		return nil, invalid("its dependencies can't be told: %s", unquoted(err))
	}
	cluster := common.DefaultCapabilities.Copy()
	cluster.KubeVersion = *version
	if len(r.APIVersions) > 0 {
		cluster.APIVersions = r.APIVersions
	}
	release := common.ReleaseOptions{Name: r.Release, Namespace: r.Namespace, Revision: 1, IsInstall: true}
	const notYet = true // Helm's own validation reads files and URLs that a schema names
	values, err := util.ToRenderValuesWithSchemaValidation(c, given, release, cluster, notYet)
	if err != nil {
		return nil, invalid("its values can't be put together: %s", unquoted(err))
	}
	own, err := values.Table("Values")
	if err != nil {
		return nil, invalid("its values can't be put together: %s", unquoted(err))
	}
	return values, validate(c, own)
}

// quoted is what parsers quote from what they parse.
var quoted = regexp.MustCompile("`[^`]*`")

// unquoted returns what an error says without the content that parsers quote in
// part, so that nobody could recognize a value in it.
func unquoted(err error) string { return quoted.ReplaceAllString(err.Error(), "`...`") }

// collect returns the objects of a chart whose templates rendered to files.
func collect(c *helm.Chart, files map[string]string, hooks policy) (Rendering, error) {
	k := &collector{hooks: hooks}
	for _, crd := range c.CRDObjects() {
		if err := k.add(crd.Filename, string(crd.File.Data), true); err != nil {
			return nil, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if base := path.Base(name); strings.HasPrefix(base, "_") || base == "NOTES.txt" {
			continue
		}
		if err := k.add(name, files[name], false); err != nil {
			return nil, err
		}
	}
	return k.found, nil
}

var errNoObject = errors.New("it renders to something that is no object")

func in(file string, err error) error { return invalid("%s: %s", file, unquoted(err)) }

func object(document string) (map[string]any, error) {
	content, err := yaml.YAMLToJSON([]byte(document))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoObject, err)
	}
	var o map[string]any
	if err := kubejson.Unmarshal(content, &o); err != nil {
		return nil, errNoObject
	}
	return o, nil
}
