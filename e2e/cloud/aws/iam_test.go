// SPDX-License-Identifier: Apache-2.0

package aws_test

import (
	"net/url"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/google/go-cmp/cmp"

	cloudiam "github.com/crossplaneio/crossplane/e2e/cloud/aws/iam"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

const clusterPolicy = "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"

// trusting is a trust policy for a service.
func trusting(service string) *string {
	return new(`{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "` + service + `"}}}`)
}

// role makes a role that a service may assume, and returns its ARN.
func (w *world) role(t *testing.T, name, service string) string {
	t.Helper()
	return *must(w.iam.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: trusting(service)}))(t).Role.Arn
}

func TestRoleLivesAsAtIAM(t *testing.T) {
	w := start(t)
	ctx, name := t.Context(), new("cluster")
	made := must(w.iam.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName: name, Path: new("/shop/"), AssumeRolePolicyDocument: trusting("eks.amazonaws.com"), Description: new("for clusters"),
		MaxSessionDuration: new(int32(7200)), Tags: []types.Tag{{Key: new("team"), Value: new("shop")}},
	}))(t).Role
	if *made.Arn != "arn:aws:iam::"+cloudiam.DefaultAccount+":role/shop/cluster" {
		t.Errorf("ARN %s", *made.Arn)
	}
	check(t, second(w.iam.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: name, PolicyDocument: trusting("ec2.amazonaws.com")})))
	check(t, second(w.iam.UpdateRole(ctx, &iam.UpdateRoleInput{RoleName: name, Description: new("for nodes")})))
	check(t, second(w.iam.TagRole(ctx, &iam.TagRoleInput{RoleName: name, Tags: []types.Tag{{Key: new("stage"), Value: new("test")}}})))
	check(t, second(w.iam.UntagRole(ctx, &iam.UntagRoleInput{RoleName: name, TagKeys: []string{"team"}})))
	check(t, second(w.iam.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: name, PolicyArn: new(clusterPolicy)})))
	check(t, second(w.iam.PutRolePermissionsBoundary(ctx, &iam.PutRolePermissionsBoundaryInput{RoleName: name, PermissionsBoundary: new("arn:aws:iam::aws:policy/PowerUserAccess")})))

	got := must(w.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: name}))(t).Role
	trust, err := url.QueryUnescape(*got.AssumeRolePolicyDocument)
	check(t, err)
	if trust != *trusting("ec2.amazonaws.com") || *got.Description != "for nodes" || *got.MaxSessionDuration != 7200 || got.PermissionsBoundary == nil {
		t.Errorf("got %+v, trust %s", got, trust)
	}
	tags := must(w.iam.ListRoleTags(ctx, &iam.ListRoleTagsInput{RoleName: name}))(t).Tags
	if len(tags) != 1 || *tags[0].Key != "stage" {
		t.Errorf("tags %v", tags)
	}
	attached := must(w.iam.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: name}))(t).AttachedPolicies
	if len(attached) != 1 || *attached[0].PolicyArn != clusterPolicy {
		t.Errorf("policies %v", attached)
	}
	wantCode(t, second(w.iam.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: name})), "DeleteConflict")
	check(t, second(w.iam.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: name, PolicyArn: new(clusterPolicy)})))
	check(t, second(w.iam.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: name})))
	wantCode(t, second(w.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: name})), "NoSuchEntity")
	wantLedger(t, w, "Role", map[string]int{local.Created: 1, local.Updated: 7, local.Deleted: 1})
}

func TestIAMRefuses(t *testing.T) {
	w := start(t)
	ctx, name := t.Context(), new("cluster")
	w.role(t, *name, "eks.amazonaws.com")
	create := func(in iam.CreateRoleInput) error {
		if in.AssumeRolePolicyDocument == nil {
			in.AssumeRolePolicyDocument = trusting("eks.amazonaws.com")
		}
		return second(w.iam.CreateRole(ctx, &in))
	}
	w.settings(t, local.Settings{Quotas: map[string]int{"iam:roles": 1}})
	for code, err := range map[string]error{
		"EntityAlreadyExists":     create(iam.CreateRoleInput{RoleName: new("CLUSTER")}),
		"LimitExceeded":           create(iam.CreateRoleInput{RoleName: new("another")}),
		"MalformedPolicyDocument": create(iam.CreateRoleInput{RoleName: new("another"), AssumeRolePolicyDocument: new(`{"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Principal": "*"}]}`)}),
		"ValidationError":         create(iam.CreateRoleInput{RoleName: new("not a name")}),
		"NoSuchEntity":            second(w.iam.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: name, PolicyArn: new("arn:aws:iam::aws:policy/Nothing")})),
	} {
		wantCode(t, err, code)
	}
	check(t, w.Key(ctx, cloudiam.Change{ID: cloudiam.DefaultKeyID, Deny: &[]string{"iam:Get*"}}))
	wantCode(t, second(w.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: name})), "AccessDenied")
}

func second[T any](_ T, err error) error { return err }

// wantLedger checks how often what was done with things of a kind.
func wantLedger(t *testing.T, w *world, kind string, want map[string]int) {
	t.Helper()
	got := map[string]int{}
	for _, e := range must(w.Ledger(t.Context(), 0))(t) {
		if e.Kind == kind {
			got[e.Action]++
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
