// SPDX-License-Identifier: Apache-2.0

package iam

import (
	"net/url"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/google/go-cmp/cmp"

	"github.com/crossplaneio/crossplane/aws-operator/api/iam/v1alpha1"
	"github.com/crossplaneio/crossplane/aws-operator/internal/account"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// observed is a role as aRole wants it.
func observed() *RoleObservation {
	return &RoleObservation{
		Role: types.Role{
			RoleName: aws.String("r"), Path: aws.String("/"), Description: aws.String("d"), MaxSessionDuration: aws.Int32(3600),
			AssumeRolePolicyDocument: aws.String(url.PathEscape(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"eks.amazonaws.com"},"Action":["sts:AssumeRole"]}]}`)),
		},
		Policies: []string{clusterPolicy},
	}
}

func TestPlan(t *testing.T) {
	for name, tc := range map[string]struct {
		want   func(*v1alpha1.IAMRoleParameters)
		have   func(*RoleObservation)
		fields []string
	}{
		"in order":        {},
		"another service": {want: func(p *v1alpha1.IAMRoleParameters) { p.AssumedBy.Services = []string{"ec2.amazonaws.com"} }, fields: []string{"assumedBy"}},
		"one more service": {want: func(p *v1alpha1.IAMRoleParameters) {
			p.AssumedBy.Services = append(p.AssumedBy.Services, "ec2.amazonaws.com")
		}, fields: []string{"assumedBy"}},
		"the same in a document": {want: func(p *v1alpha1.IAMRoleParameters) {
			p.AssumedBy = v1alpha1.TrustPolicy{Document: ` {"Statement": {"Action": "sts:AssumeRole", "Principal": {"Service": ["eks.amazonaws.com"]}, "Effect": "Allow"}, "Version": "2012-10-17"}`}
		}},
		"policy missing":      {have: func(o *RoleObservation) { o.Policies = nil }, fields: []string{"managedPolicyARNs"}},
		"policy too many":     {have: func(o *RoleObservation) { o.Policies = append(o.Policies, nodePolicy) }, fields: []string{"managedPolicyARNs"}},
		"policies left alone": {want: func(p *v1alpha1.IAMRoleParameters) { p.ManagedPolicyARNs = nil }},
		"no policies":         {want: func(p *v1alpha1.IAMRoleParameters) { p.ManagedPolicyARNs = []string{} }, fields: []string{"managedPolicyARNs"}},
		"longer sessions":     {want: func(p *v1alpha1.IAMRoleParameters) { p.MaxSessionSeconds = aws.Int32(7200) }, fields: []string{"maxSessionSeconds"}},
		"a description":       {want: func(p *v1alpha1.IAMRoleParameters) { p.Description = "e" }, fields: []string{"description"}},
		"a boundary":          {want: func(p *v1alpha1.IAMRoleParameters) { p.PermissionsBoundaryARN = nodePolicy }, fields: []string{"permissionsBoundaryARN"}},
	} {
		t.Run(name, func(t *testing.T) {
			want, have := aRole().Spec.ForProvider, observed()
			if tc.want != nil {
				tc.want(&want)
			}
			if tc.have != nil {
				tc.have(have)
			}
			if diff := cmp.Diff(tc.fields, []string(plan(want, have).fields())); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAnUpdateKeepsWhatItDoesNotChange(t *testing.T) {
	want := aRole().Spec.ForProvider
	want.MaxSessionSeconds = aws.Int32(7200)
	in := plan(want, observed()).properties
	if *in.Description != "d" || *in.MaxSessionDuration != 7200 {
		t.Errorf("got %s, %d", *in.Description, *in.MaxSessionDuration)
	}
}

func TestWhatIsRefusedIsTold(t *testing.T) {
	f := newFakeIAM()
	e, mr := role{f}, aRole()
	mr.Spec.ForProvider.ManagedPolicyARNs = []string{"arn:aws:iam::123456789012:policy/none"}
	_, err := e.Create(t.Context(), mr, managed.Intent{Name: "r"})
	if got := fault.Of(account.Classify(err)); got.Class != fault.Dependency {
		t.Errorf("a policy that is not there: %s: %v", got.Class, got)
	}
	f.deny = "CreateRole"
	_, err = e.Create(t.Context(), mr, managed.Intent{Name: "other"})
	if got := fault.Of(account.Classify(err)); got.Class != fault.Permission {
		t.Errorf("no permission: %s: %v", got.Class, got)
	}
}

func TestNames(t *testing.T) {
	for name, ok := range map[string]bool{"shop-cluster": true, "a.b_c+d=e,f@g": true, "": false, "a b": false, "a/b": false, string(make([]byte, 65)): false} {
		if err := validRoleName(name); (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		}
	}
}
