// SPDX-License-Identifier: Apache-2.0

// Package iam manages the resources of AWS Identity and Access Management.
package iam

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/aws-operator/api/iam/v1alpha1"
	awsapi "github.com/crossplaneio/crossplane/aws-operator/api/v1alpha1"
	"github.com/crossplaneio/crossplane/aws-operator/internal/account"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/diff"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// Accounts knows the account of each Provider by its name.
type Accounts interface {
	Connect(ctx context.Context, provider string) (*account.Account, error)
}

// RoleAPI is the part of the IAM client that roles need.
type RoleAPI interface {
	GetRole(context.Context, *iam.GetRoleInput, ...func(*iam.Options)) (*iam.GetRoleOutput, error)
	ListAttachedRolePolicies(context.Context, *iam.ListAttachedRolePoliciesInput, ...func(*iam.Options)) (*iam.ListAttachedRolePoliciesOutput, error)
	CreateRole(context.Context, *iam.CreateRoleInput, ...func(*iam.Options)) (*iam.CreateRoleOutput, error)
	DeleteRole(context.Context, *iam.DeleteRoleInput, ...func(*iam.Options)) (*iam.DeleteRoleOutput, error)
	UpdateRole(context.Context, *iam.UpdateRoleInput, ...func(*iam.Options)) (*iam.UpdateRoleOutput, error)
	UpdateAssumeRolePolicy(context.Context, *iam.UpdateAssumeRolePolicyInput, ...func(*iam.Options)) (*iam.UpdateAssumeRolePolicyOutput, error)
	PutRolePermissionsBoundary(context.Context, *iam.PutRolePermissionsBoundaryInput, ...func(*iam.Options)) (*iam.PutRolePermissionsBoundaryOutput, error)
	AttachRolePolicy(context.Context, *iam.AttachRolePolicyInput, ...func(*iam.Options)) (*iam.AttachRolePolicyOutput, error)
	DetachRolePolicy(context.Context, *iam.DetachRolePolicyInput, ...func(*iam.Options)) (*iam.DetachRolePolicyOutput, error)
	TagRole(context.Context, *iam.TagRoleInput, ...func(*iam.Options)) (*iam.TagRoleOutput, error)
}

// RoleObservation is what IAM says of a role; what is attached to it takes a call
// of its own.
type RoleObservation struct {
	types.Role

	Policies []string // ARNs
}

// +kubebuilder:rbac:groups=iam.aws.crossplane.io,resources=iamroles,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=iam.aws.crossplane.io,resources=iamroles/status,verbs=patch
// +kubebuilder:rbac:groups=iam.aws.crossplane.io,resources=iamroles/finalizers,verbs=update

// Role returns the kind IAMRole. A role's name is ours to choose.
func Role(accounts Accounts) managed.Kind[*v1alpha1.IAMRole, RoleObservation] {
	return managed.Kind[*v1alpha1.IAMRole, RoleObservation]{
		New:      func() *v1alpha1.IAMRole { return &v1alpha1.IAMRole{} },
		Provider: func() client.Object { return &awsapi.Provider{} },
		Connect: func(ctx context.Context, mr *v1alpha1.IAMRole) (managed.External[*v1alpha1.IAMRole, RoleObservation], error) {
			a, err := accounts.Connect(ctx, mr.Spec.ProviderRef.Name)
			if err != nil {
				return nil, err
			}
			return role{account.Client(a, a.Region(), newClient)}, nil
		},
		Classify:  account.Classify,
		ValidName: validRoleName,
	}
}

func newClient(c aws.Config) *iam.Client { return iam.NewFromConfig(c) }

// role is managed.External for roles of one account.
type role struct{ iam RoleAPI }

// Observe implements managed.External.
func (e role) Observe(ctx context.Context, mr *v1alpha1.IAMRole, _ managed.Identity) (*RoleObservation, error) {
	name := managed.ExternalName(mr)
	if name == "" {
		return nil, nil //nolint:nilnil // never named, so there certainly is none
	}
	out, err := e.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
	if account.IsNotFound(err) {
		return nil, nil //nolint:nilnil // nil says that there is none
	}
	if err != nil {
		return nil, err
	}
	obs := &RoleObservation{Role: *out.Role}
	pages := iam.NewListAttachedRolePoliciesPaginator(e.iam, &iam.ListAttachedRolePoliciesInput{RoleName: &name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("listing the role's policies: %w", err)
		}
		for _, p := range page.AttachedPolicies {
			obs.Policies = append(obs.Policies, aws.ToString(p.PolicyArn))
		}
	}
	return obs, nil
}

// Assess implements managed.External. A role has no states: it is there, or not.
// It is ready when it has its policies: who refers to it needs them.
func (e role) Assess(mr *v1alpha1.IAMRole, obs *RoleObservation) managed.Assessment {
	want := mr.Spec.ForProvider
	mr.Status.AtProvider = v1alpha1.IAMRoleObservation{ARN: aws.ToString(obs.Arn), ID: aws.ToString(obs.RoleId)}
	drift := plan(want, obs).fields()
	diff.Tags(&drift, want.Tags, tagMap(obs.Tags))
	var fixed diff.Fields
	diff.FixedText(&fixed, "path", want.Path, obs.Path)
	a := managed.Assessment{
		Name:     sameName(managed.ExternalName(mr), aws.ToString(obs.RoleName)),
		Tags:     tagMap(obs.Tags),
		State:    managed.Available,
		Message:  "exists",
		Drift:    drift,
		Fixed:    fixed,
		Location: &contract.Location{Provider: "aws"},
	}
	if mr.Status.FirstReadyTime == nil && !mr.Spec.ObserveOnly() && len(missing(want.ManagedPolicyARNs, obs.Policies)) > 0 {
		a.State, a.Message = managed.Creating, "its policies are not attached yet"
	}
	return a
}

// Create implements managed.External. IAM takes no policies along with a role, so
// they are calls of their own; what a failure leaves undone is drift.
func (e role) Create(ctx context.Context, mr *v1alpha1.IAMRole, in managed.Intent) (*RoleObservation, error) {
	want := mr.Spec.ForProvider
	description := want.Description
	if description == "" {
		description = "Managed by Crossplane: " + mr.Name
	}
	out, err := e.iam.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName: &in.Name, AssumeRolePolicyDocument: aws.String(trustOf(want.AssumedBy)), Description: &description,
		MaxSessionDuration: want.MaxSessionSeconds, Path: text(want.Path), PermissionsBoundary: text(want.PermissionsBoundaryARN),
		Tags: tagList(diff.Both(want.Tags, in.Tags)),
	})
	if err != nil {
		return nil, err
	}
	obs := &RoleObservation{Role: *out.Role}
	obs.Tags = tagList(diff.Both(want.Tags, in.Tags))
	if err := e.Update(ctx, mr, obs); err != nil {
		return nil, err
	}
	obs.Policies = want.ManagedPolicyARNs
	return obs, nil
}

// Update implements managed.External. Policies that are too many go first: a
// right that should not be there does more harm than one that is missing.
func (e role) Update(ctx context.Context, mr *v1alpha1.IAMRole, obs *RoleObservation) error {
	p := plan(mr.Spec.ForProvider, obs)
	steps := []func(context.Context, *RoleObservation, changes) error{e.changePolicies, e.changeTrust, e.changeProperties}
	for _, step := range steps {
		if err := step(ctx, obs, p); err != nil {
			return err
		}
	}
	var d diff.Fields
	return e.tag(ctx, obs.RoleName, diff.Tags(&d, mr.Spec.ForProvider.Tags, tagMap(obs.Tags)))
}

func (e role) changePolicies(ctx context.Context, obs *RoleObservation, p changes) error {
	for _, arn := range p.detach {
		_, err := e.iam.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: obs.RoleName, PolicyArn: &arn})
		if err != nil && !account.IsNotFound(err) {
			return err
		}
	}
	for _, arn := range p.attach {
		if _, err := e.iam.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: obs.RoleName, PolicyArn: &arn}); err != nil {
			return err
		}
	}
	return nil
}

func (e role) changeTrust(ctx context.Context, obs *RoleObservation, p changes) error {
	if p.trust == nil {
		return nil
	}
	_, err := e.iam.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: obs.RoleName, PolicyDocument: p.trust})
	return err
}

func (e role) changeProperties(ctx context.Context, obs *RoleObservation, p changes) error {
	if p.boundary != nil {
		_, err := e.iam.PutRolePermissionsBoundary(ctx, &iam.PutRolePermissionsBoundaryInput{RoleName: obs.RoleName, PermissionsBoundary: p.boundary})
		if err != nil {
			return err
		}
	}
	if p.properties == nil {
		return nil
	}
	_, err := e.iam.UpdateRole(ctx, p.properties)
	return err
}

// Delete implements managed.External. IAM deletes no role that has policies.
func (e role) Delete(ctx context.Context, _ *v1alpha1.IAMRole, obs *RoleObservation) error {
	if err := e.changePolicies(ctx, obs, changes{detach: obs.Policies}); err != nil {
		return err
	}
	_, err := e.iam.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: obs.RoleName})
	return err
}

// Adopt implements managed.Adopter.
func (e role) Adopt(ctx context.Context, _ *v1alpha1.IAMRole, obs *RoleObservation, tags map[string]string) error {
	return e.tag(ctx, obs.RoleName, tags)
}

func (e role) tag(ctx context.Context, name *string, tags map[string]string) error {
	if len(tags) == 0 {
		return nil
	}
	_, err := e.iam.TagRole(ctx, &iam.TagRoleInput{RoleName: name, Tags: tagList(tags)})
	return err
}

// sameName returns the name on record where it differs from IAM's by case alone:
// names of roles are told apart without it.
func sameName(recorded, name string) string {
	if strings.EqualFold(recorded, name) {
		return recorded
	}
	return name
}

func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// Names have up to 64 letters, digits and +=,.@_- (IAM API reference, CreateRole).
var roleNames = regexp.MustCompile(`^[A-Za-z0-9+=,.@_-]{1,64}$`)

var errInvalidName = errors.New("not a name that IAM accepts for a role")

func validRoleName(name string) error {
	if !roleNames.MatchString(name) {
		return fmt.Errorf("%w: %q is not up to 64 letters, digits and +=,.@_-", errInvalidName, name)
	}
	return nil
}
