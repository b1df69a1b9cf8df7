// SPDX-License-Identifier: Apache-2.0

package install

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"

	"github.com/crossplaneio/crossplane/e2e/stack"
)

var (
	errValuesUnused = errors.New("the values had no effect")
	errDefinition   = errors.New("a resource definition is of another release")
	errOtherImage   = errors.New("the image is of another release")
	errSame         = errors.New("both releases install the same")
)

// upgraded are the operators whose releases are upgraded.
func upgraded() []string { return []string{stack.CoreOperator, stack.AWSOperator} }

// upgradeAndBack goes to a release with other resource definitions, templates and values, and back. From
// a version before, it then goes there for good. Each time every pod is replaced.
func upgradeAndBack(ctx context.Context, s *story) error {
	from, to, err := s.releases(ctx)
	if err != nil {
		return err
	}
	for _, operator := range upgraded() {
		if err := s.tellDifference(operator, from, to); err != nil {
			return err
		}
	}
	return s.untouched(ctx, "upgrades and the rollback", func(ctx context.Context) error {
		err := inTurn(ctx, s.upgrade(to, "--set", "log.level=debug"), s.is(to, "debug"), s.rollback, s.is(from, "info"))
		if err != nil || !s.hasBefore() {
			return err
		}
		s.installed = s.options.Release
		return inTurn(ctx, s.upgrade(to), s.is(to, "info"))
	})
}

// hasBefore says whether there is a version to upgrade from.
func (s *story) hasBefore() bool {
	_, err := os.Stat(filepath.Join(s.options.Before, "commit"))
	return err == nil
}

// releases returns the folders, with a chart for each operator, of what is installed and of what is
// upgraded to.
func (s *story) releases(ctx context.Context) (from, to string, err error) {
	from, to = filepath.Join(s.options.Dir, "from"), filepath.Join(s.options.Dir, "to")
	if err := s.unpack(ctx, s.installed, from); err != nil {
		return "", "", err
	}
	if err := s.unpack(ctx, s.options.Release, to); err != nil {
		return "", "", err
	}
	if s.hasBefore() {
		return from, to, nil
	}
	fmt.Fprintln(s.out, "  There is no version before. The release is upgraded to an edited copy of its charts.")
	for _, operator := range upgraded() {
		if err := edited(filepath.Join(to, operator)); err != nil {
			return "", "", err
		}
	}
	return from, to, nil
}

// unpack unpacks the charts of a release into a folder.
func (s *story) unpack(ctx context.Context, release, into string) error {
	if err := os.MkdirAll(into, 0o750); err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	for _, operator := range upgraded() {
		chart, err := chartIn(release, operator)
		if err != nil {
			return err
		}
		if _, err := s.run(ctx, "tar", "-xzf", chart, "-C", into); err != nil {
			return err
		}
	}
	return nil
}

// tellDifference says what an upgrade changes, and fails where that is nothing.
func (s *story) tellDifference(operator, from, to string) error {
	definitions, err := different(filepath.Join(from, operator), filepath.Join(to, operator), "generated/crds/*.yaml")
	if err != nil {
		return err
	}
	templates, err := different(filepath.Join(from, operator), filepath.Join(to, operator), "templates/*", "templates/*/*")
	if err != nil {
		return err
	}
	if len(definitions)+len(templates) == 0 && !s.hasBefore() {
		return fmt.Errorf("%s: %w", operator, errSame)
	}
	fmt.Fprintf(s.out, "  %s: what differs is %d definitions %q and %d templates %q\n", operator, len(definitions), definitions, len(templates), templates)
	return nil
}

// different returns the names of files that two folders do not have alike.
func different(one, other string, patterns ...string) ([]string, error) {
	these, err := contents(one, patterns)
	if err != nil {
		return nil, err
	}
	those, err := contents(other, patterns)
	if err != nil {
		return nil, err
	}
	var names []string
	for name, text := range these {
		if twin, both := those[name]; !both || twin != text {
			names = append(names, filepath.Base(name))
		}
	}
	for name := range those {
		if _, both := these[name]; !both {
			names = append(names, filepath.Base(name))
		}
	}
	slices.Sort(names)
	return names, nil
}

// contents returns what files of a folder hold, by their names in it.
func contents(folder string, patterns []string) (map[string]string, error) {
	found := map[string]string{}
	for _, pattern := range patterns {
		files, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil {
			return nil, fmt.Errorf("looking for %s: %w", pattern, err)
		}
		for _, file := range files {
			if info, err := os.Stat(file); err == nil && info.IsDir() {
				continue
			}
			text, err := os.ReadFile(filepath.Clean(file))
			if err != nil {
				return nil, fmt.Errorf("reading a chart: %w", err)
			}
			found[strings.TrimPrefix(file, folder)] = string(text)
		}
	}
	return found, nil
}

// upgrade upgrades all releases as docs/operations/install.md says.
func (s *story) upgrade(to string, more ...string) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		for _, operator := range upgraded() {
			args := []string{"upgrade", s.releaseOf(operator), filepath.Join(to, operator), "--reset-then-reuse-values", "--wait", "--timeout=3m", "--hide-notes"}
			if err := s.helm(ctx, append(args, more...)...); err != nil {
				return err
			}
		}
		return nil
	}
}

func (s *story) rollback(ctx context.Context) error {
	for _, operator := range upgraded() {
		if err := s.helm(ctx, "rollback", s.releaseOf(operator), "--wait", "--timeout=3m"); err != nil {
			return err
		}
	}
	return nil
}

// is looks whether a release is what is installed, and whether all goes on as before.
func (s *story) is(release, level string) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		for _, operator := range upgraded() {
			chart := filepath.Join(release, operator)
			if err := errors.Join(s.hasLevel(ctx, operator, level), s.hasImage(ctx, operator, chart), s.hasDefinitions(ctx, chart)); err != nil {
				return err
			}
		}
		return inTurn(ctx, s.lookedAt, s.allReady, s.noteIsThere)
	}
}

func (s *story) hasLevel(ctx context.Context, operator, level string) error {
	args, err := s.query(ctx, "-n", operators, "get", "deployment", operator, "-o", "jsonpath={.spec.template.spec.containers[0].args}")
	if err != nil {
		return err
	}
	if !strings.Contains(args, `"--log-level=`+level+`"`) {
		return fmt.Errorf("%w: %s has %s", errValuesUnused, operator, args)
	}
	return nil
}

func (s *story) hasImage(ctx context.Context, operator, chart string) error {
	var of struct {
		AppVersion string `json:"appVersion"`
	}
	if err := read(filepath.Join(chart, "Chart.yaml"), &of); err != nil {
		return err
	}
	image, err := s.query(ctx, "-n", operators, "get", "deployment", operator, "-o", "jsonpath={.spec.template.spec.containers[0].image}")
	if err != nil {
		return err
	}
	if !strings.HasSuffix(image, ":"+of.AppVersion) {
		return fmt.Errorf("%w: %s, want %s", errOtherImage, image, of.AppVersion)
	}
	return nil
}

// hasDefinitions compares the resource definitions that there are with those of a chart.
func (s *story) hasDefinitions(ctx context.Context, chart string) error {
	files, err := filepath.Glob(filepath.Join(chart, "generated", "crds", "*.yaml"))
	if err != nil || len(files) == 0 {
		return fmt.Errorf("%w: %s has none: %w", errDefinition, chart, errors.Join(err, os.ErrNotExist))
	}
	for _, file := range files {
		want, have := &apiextensionsv1.CustomResourceDefinition{}, &apiextensionsv1.CustomResourceDefinition{}
		if err := read(file, want); err != nil {
			return err
		}
		text, err := s.query(ctx, "get", "customresourcedefinition", want.Name, "-o", "json")
		if err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(text), have); err != nil {
			return fmt.Errorf("reading a definition: %w", err)
		}
		if !same(want.Spec.Versions, have.Spec.Versions) {
			return fmt.Errorf("%w: %s", errDefinition, want.Name)
		}
	}
	return nil
}

// same compares what two values are as JSON: the API server keeps defaults in another form.
func same(one, other any) bool {
	var decoded [2]any
	for i, value := range []any{one, other} {
		text, err := json.Marshal(value)
		if err != nil || json.Unmarshal(text, &decoded[i]) != nil {
			return false
		}
	}
	return reflect.DeepEqual(decoded[0], decoded[1])
}

func read(file string, into any) error {
	text, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		return fmt.Errorf("reading a chart: %w", err)
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		return fmt.Errorf("reading %s: %w", filepath.Base(file), err)
	}
	return nil
}
