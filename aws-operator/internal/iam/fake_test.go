// SPDX-License-Identifier: Apache-2.0

package iam

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go"
)

// fakeIAM has one account. Everything is done at once. As IAM does, it gives
// documents out percent-encoded, and deletes no role with policies.
type fakeIAM struct {
	mu        sync.Mutex
	roles     map[string]*RoleObservation // by name in lower case
	mutations int
	deny      string // an operation that is refused
}

func newFakeIAM() *fakeIAM { return &fakeIAM{roles: map[string]*RoleObservation{}} }

func refusal(operation, code string) error {
	return &smithy.OperationError{ServiceID: "IAM", OperationName: operation, Err: &smithy.GenericAPIError{Code: code, Message: "refused"}}
}

// role returns a role, within the lock.
func (f *fakeIAM) role(operation string, name *string) (*RoleObservation, error) {
	if f.deny == operation {
		return nil, refusal(operation, "AccessDenied")
	}
	r := f.roles[strings.ToLower(*name)]
	if r == nil {
		return nil, refusal(operation, "NoSuchEntity")
	}
	return r, nil
}

// change changes a role.
func (f *fakeIAM) change(operation string, name *string, do func(*RoleObservation) error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	r, err := f.role(operation, name)
	if err == nil {
		err = do(r)
	}
	if err == nil {
		f.mutations++
	}
	return err
}

func (f *fakeIAM) GetRole(_ context.Context, in *iam.GetRoleInput, _ ...func(*iam.Options)) (*iam.GetRoleOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r, err := f.role("GetRole", in.RoleName)
	if err != nil {
		return nil, err
	}
	c := r.Role
	c.Tags = slices.Clone(c.Tags)
	return &iam.GetRoleOutput{Role: &c}, nil
}

func (f *fakeIAM) ListAttachedRolePolicies(_ context.Context, in *iam.ListAttachedRolePoliciesInput, _ ...func(*iam.Options)) (*iam.ListAttachedRolePoliciesOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r, err := f.role("ListAttachedRolePolicies", in.RoleName)
	if err != nil {
		return nil, err
	}
	out := &iam.ListAttachedRolePoliciesOutput{}
	for _, arn := range r.Policies {
		out.AttachedPolicies = append(out.AttachedPolicies, types.AttachedPolicy{PolicyArn: &arn})
	}
	return out, nil
}

func (f *fakeIAM) CreateRole(_ context.Context, in *iam.CreateRoleInput, _ ...func(*iam.Options)) (*iam.CreateRoleOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	key := strings.ToLower(*in.RoleName)
	switch {
	case f.deny == "CreateRole":
		return nil, refusal("CreateRole", "AccessDenied")
	case f.roles[key] != nil:
		return nil, refusal("CreateRole", "EntityAlreadyExists")
	}
	f.mutations++
	path := aws.ToString(in.Path)
	if path == "" {
		path = "/"
	}
	f.roles[key] = &RoleObservation{Role: types.Role{
		RoleName: in.RoleName, Path: &path, Arn: aws.String("arn:aws:iam::123456789012:role" + path + *in.RoleName), RoleId: aws.String("AROA" + *in.RoleName),
		AssumeRolePolicyDocument: aws.String(url.PathEscape(*in.AssumeRolePolicyDocument)), Description: in.Description,
		MaxSessionDuration: in.MaxSessionDuration, Tags: in.Tags,
	}}
	f.bound(f.roles[key], in.PermissionsBoundary)
	return &iam.CreateRoleOutput{Role: new(f.roles[key].Role)}, nil
}

func (f *fakeIAM) bound(r *RoleObservation, arn *string) {
	if arn != nil {
		r.PermissionsBoundary = &types.AttachedPermissionsBoundary{PermissionsBoundaryArn: arn}
	}
}

func (f *fakeIAM) DeleteRole(_ context.Context, in *iam.DeleteRoleInput, _ ...func(*iam.Options)) (*iam.DeleteRoleOutput, error) {
	return &iam.DeleteRoleOutput{}, f.change("DeleteRole", in.RoleName, func(r *RoleObservation) error {
		if len(r.Policies) > 0 {
			return refusal("DeleteRole", "DeleteConflict")
		}
		delete(f.roles, strings.ToLower(*in.RoleName))
		return nil
	})
}

func (f *fakeIAM) UpdateRole(_ context.Context, in *iam.UpdateRoleInput, _ ...func(*iam.Options)) (*iam.UpdateRoleOutput, error) {
	return &iam.UpdateRoleOutput{}, f.change("UpdateRole", in.RoleName, func(r *RoleObservation) error {
		r.Description, r.MaxSessionDuration = in.Description, in.MaxSessionDuration
		return nil
	})
}

func (f *fakeIAM) UpdateAssumeRolePolicy(_ context.Context, in *iam.UpdateAssumeRolePolicyInput, _ ...func(*iam.Options)) (*iam.UpdateAssumeRolePolicyOutput, error) {
	return &iam.UpdateAssumeRolePolicyOutput{}, f.change("UpdateAssumeRolePolicy", in.RoleName, func(r *RoleObservation) error {
		r.AssumeRolePolicyDocument = aws.String(url.PathEscape(*in.PolicyDocument))
		return nil
	})
}

func (f *fakeIAM) PutRolePermissionsBoundary(_ context.Context, in *iam.PutRolePermissionsBoundaryInput, _ ...func(*iam.Options)) (*iam.PutRolePermissionsBoundaryOutput, error) {
	return &iam.PutRolePermissionsBoundaryOutput{}, f.change("PutRolePermissionsBoundary", in.RoleName, func(r *RoleObservation) error {
		f.bound(r, in.PermissionsBoundary)
		return nil
	})
}

func (f *fakeIAM) AttachRolePolicy(_ context.Context, in *iam.AttachRolePolicyInput, _ ...func(*iam.Options)) (*iam.AttachRolePolicyOutput, error) {
	return &iam.AttachRolePolicyOutput{}, f.change("AttachRolePolicy", in.RoleName, func(r *RoleObservation) error {
		if !strings.HasPrefix(*in.PolicyArn, "arn:aws:iam::aws:policy/AmazonEKS") {
			return refusal("AttachRolePolicy", "NoSuchEntity")
		}
		if !slices.Contains(r.Policies, *in.PolicyArn) {
			r.Policies = append(r.Policies, *in.PolicyArn)
		}
		return nil
	})
}

func (f *fakeIAM) DetachRolePolicy(_ context.Context, in *iam.DetachRolePolicyInput, _ ...func(*iam.Options)) (*iam.DetachRolePolicyOutput, error) {
	return &iam.DetachRolePolicyOutput{}, f.change("DetachRolePolicy", in.RoleName, func(r *RoleObservation) error {
		if !slices.Contains(r.Policies, *in.PolicyArn) {
			return refusal("DetachRolePolicy", "NoSuchEntity")
		}
		r.Policies = slices.DeleteFunc(slices.Clone(r.Policies), func(arn string) bool { return arn == *in.PolicyArn })
		return nil
	})
}

func (f *fakeIAM) TagRole(_ context.Context, in *iam.TagRoleInput, _ ...func(*iam.Options)) (*iam.TagRoleOutput, error) {
	return &iam.TagRoleOutput{}, f.change("TagRole", in.RoleName, func(r *RoleObservation) error {
		tags := tagMap(r.Tags)
		maps.Copy(tags, tagMap(in.Tags))
		r.Tags = tagList(tags)
		return nil
	})
}
