// SPDX-License-Identifier: Apache-2.0

package house

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/crossplaneio/crossplane/tools/workspace"
)

// clouds tells which packages are a cloud's SDK.
func clouds() map[string][]string {
	return map[string][]string{
		"aws":   {"github.com/aws/aws-sdk-go-v2", "github.com/aws/aws-sdk-go", "github.com/aws/smithy-go"},
		"gcp":   {"cloud.google.com/go", "google.golang.org/api"},
		"azure": {"github.com/Azure/azure-sdk-for-go"},
	}
}

// providerGroup is the start of a provider's API group, as in "database.aws.crossplane.io".
var providerGroup = regexp.MustCompile(`\b(aws|gcp|azure)\.(crossplane\b|"|\*)`)

func operators(tree *Tree) []Finding {
	var found []Finding
	for _, file := range tree.Go {
		for _, pkg := range file.imports() {
			if wrong := foreign(file.Top(), pkg.Path); wrong != "" {
				found = append(found, Finding{Path: file.Path, Line: pkg.Line, Text: "imports " + wrong})
			}
		}
	}
	return found
}

// foreign is the module of this repository that a file of the module top must not import
// but does, or nothing.
func foreign(top, pkg string) string {
	inside, ours := strings.CutPrefix(pkg, workspace.Base)
	target, _, _ := strings.Cut(inside, "/")
	isOperator := strings.HasSuffix(target, "-operator")
	switch {
	case !ours || target == top:
		return ""
	case strings.HasSuffix(top, "-operator") && target != "shared":
		return target
	case top == "shared" && (isOperator || target == "e2e"):
		return target
	}
	return ""
}

func internal(tree *Tree) []Finding {
	var found []Finding
	for _, file := range tree.Go {
		operator := file.Operator()
		allowed := operator == "" || file.Under(operator+"/api") || file.Under(operator+"/internal") ||
			file.Path == operator+"/main.go" || file.Path == operator+"/main_test.go"
		if !allowed {
			found = append(found, Finding{Path: file.Path, Text: "belongs under " + operator + "/internal"})
		}
	}
	return found
}

// providers looks at comments too: a marker for RBAC that names a provider's group is one.
func providers(tree *Tree) []Finding {
	var found []Finding
	for _, file := range tree.Go {
		if file.Operator() != "core-operator" || file.Test {
			continue
		}
		for number, line := range strings.Split(file.Text, "\n") {
			if group := providerGroup.FindString(line); group != "" {
				found = append(found, Finding{Path: file.Path, Line: number + 1, Text: "names the provider's API group " + group})
			}
		}
	}
	return found
}

func sdks(tree *Tree) []Finding {
	var found []Finding
	for _, file := range tree.Go {
		for _, pkg := range file.imports() {
			cloud := cloudOf(pkg)
			if cloud == "" || file.Under(cloud+"-operator") || file.Under("e2e/cloud/"+cloud) || file.Under("e2e/cmd/local-"+cloud) {
				continue
			}
			found = append(found, Finding{Path: file.Path, Line: pkg.Line, Text: fmt.Sprintf("imports %s of %s's SDK", pkg.Path, cloud)})
		}
	}
	return found
}

func cloudOf(pkg imported) string {
	for cloud, prefixes := range clouds() {
		if slices.ContainsFunc(prefixes, pkg.Within) {
			return cloud
		}
	}
	return ""
}

func contract(tree *Tree) []Finding {
	var found []Finding
	for _, file := range tree.Go {
		if !file.Under("shared/api") || file.Test {
			continue
		}
		for _, pkg := range file.imports() {
			if !pkg.Standard() && !pkg.Within("k8s.io/apimachinery") && !pkg.Within(workspace.Base+"shared/api") {
				found = append(found, Finding{Path: file.Path, Line: pkg.Line, Text: "imports " + pkg.Path})
			}
		}
	}
	return found
}
