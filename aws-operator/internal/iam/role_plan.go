// SPDX-License-Identifier: Apache-2.0

package iam

import (
	"encoding/json"
	"net/url"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/crossplaneio/crossplane/aws-operator/api/iam/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/diff"
)

// changes bring a role to its spec: what is nil or empty is as it should be.
type changes struct {
	attach, detach []string // ARNs
	trust          *string
	boundary       *string
	properties     *iam.UpdateRoleInput

	names diff.Fields
}

func (c changes) fields() diff.Fields { return c.names }

// plan compares a role with its spec.
func plan(want v1alpha1.IAMRoleParameters, obs *RoleObservation) changes {
	var c changes
	if wanted := trustOf(want.AssumedBy); !sameDocument(wanted, document(obs.AssumeRolePolicyDocument)) {
		c.trust, c.names = &wanted, append(c.names, "assumedBy")
	}
	if want.ManagedPolicyARNs != nil && !diff.Same(want.ManagedPolicyARNs, obs.Policies) {
		c.attach, c.detach = missing(want.ManagedPolicyARNs, obs.Policies), missing(obs.Policies, want.ManagedPolicyARNs)
		c.names = append(c.names, "managedPolicyARNs")
	}
	var have *string
	if obs.PermissionsBoundary != nil {
		have = obs.PermissionsBoundary.PermissionsBoundaryArn
	}
	diff.Text(&c.names, "permissionsBoundaryARN", want.PermissionsBoundaryARN, have, &c.boundary)
	in, before := &iam.UpdateRoleInput{RoleName: obs.RoleName}, len(c.names)
	diff.Text(&c.names, "description", want.Description, obs.Description, &in.Description)
	diff.Value(&c.names, "maxSessionSeconds", want.MaxSessionSeconds, obs.MaxSessionDuration, &in.MaxSessionDuration)
	if len(c.names) > before {
		// What is left out of the request goes back to its default.
		in.Description, in.MaxSessionDuration = first(in.Description, obs.Description), first(in.MaxSessionDuration, obs.MaxSessionDuration)
		c.properties = in
	}
	return c
}

// missing returns what of some list is not in another.
func missing(of, in []string) []string {
	var out []string
	for _, s := range of {
		if !slices.Contains(in, s) {
			out = append(out, s)
		}
	}
	return out
}

func first[T any](a, b *T) *T {
	if a != nil {
		return a
	}
	return b
}

// trustOf writes a trust policy.
func trustOf(by v1alpha1.TrustPolicy) string {
	if by.Document != "" {
		return by.Document
	}
	services := slices.Sorted(slices.Values(by.Services))
	body, err := json.Marshal(map[string]any{
		"Version": "2012-10-17",
		"Statement": []any{map[string]any{
			"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": map[string]any{"Service": services},
		}},
	})
	if err != nil {
		return "" // texts can always be written
	}
	return string(body)
}

// document undoes the escaping in which IAM gives documents out.
func document(escaped *string) string {
	if s, err := url.PathUnescape(aws.ToString(escaped)); err == nil {
		return s
	}
	return aws.ToString(escaped)
}

// sameDocument compares documents by what they say. IAM writes a list of one as
// that one, or not, as it was given; both are the same to it.
func sameDocument(a, b string) bool {
	var x, y any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return a == b
	}
	return reflect.DeepEqual(normal(x), normal(y))
}

// normal makes a list of one that one, and sorts lists of texts.
func normal(v any) any {
	switch t := v.(type) {
	case map[string]any:
		for k := range t {
			t[k] = normal(t[k])
		}
		return t
	case []any:
		return normalList(t)
	}
	return v
}

func normalList(list []any) any {
	var texts []string
	for i := range list {
		list[i] = normal(list[i])
		if s, ok := list[i].(string); ok {
			texts = append(texts, s)
		}
	}
	switch {
	case len(list) == 1:
		return list[0]
	case len(texts) == len(list):
		slices.Sort(texts)
		return texts
	}
	return list
}
