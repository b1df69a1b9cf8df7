// SPDX-License-Identifier: Apache-2.0

package eks

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	"github.com/aws/aws-sdk-go-v2/service/eks/types"

	"github.com/crossplaneio/crossplane/aws-operator/api/compute/v1alpha1"
	"github.com/crossplaneio/crossplane/aws-operator/internal/account"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/diff"
)

type entryAPI interface {
	ListAccessEntries(context.Context, *eks.ListAccessEntriesInput, ...func(*eks.Options)) (*eks.ListAccessEntriesOutput, error)
	DescribeAccessEntry(context.Context, *eks.DescribeAccessEntryInput, ...func(*eks.Options)) (*eks.DescribeAccessEntryOutput, error)
	CreateAccessEntry(context.Context, *eks.CreateAccessEntryInput, ...func(*eks.Options)) (*eks.CreateAccessEntryOutput, error)
	UpdateAccessEntry(context.Context, *eks.UpdateAccessEntryInput, ...func(*eks.Options)) (*eks.UpdateAccessEntryOutput, error)
	DeleteAccessEntry(context.Context, *eks.DeleteAccessEntryInput, ...func(*eks.Options)) (*eks.DeleteAccessEntryOutput, error)
	ListAssociatedAccessPolicies(context.Context, *eks.ListAssociatedAccessPoliciesInput, ...func(*eks.Options)) (*eks.ListAssociatedAccessPoliciesOutput, error)
	AssociateAccessPolicy(context.Context, *eks.AssociateAccessPolicyInput, ...func(*eks.Options)) (*eks.AssociateAccessPolicyOutput, error)
	DisassociateAccessPolicy(context.Context, *eks.DisassociateAccessPolicyInput, ...func(*eks.Options)) (*eks.DisassociateAccessPolicyOutput, error)
}

// Entry is an access entry with its policies: their namespaces by the policy's
// ARN, none for the whole cluster.
type Entry struct {
	types.AccessEntry

	Policies map[string][]string
}

// observeEntries looks at the access entries of a cluster that can have some.
func observeEntries(ctx context.Context, api entryAPI, c *types.Cluster) (map[string]Entry, error) {
	if modeOf(c) == v1alpha1.ModeConfigMap || c.Status != types.ClusterStatusActive && c.Status != types.ClusterStatusUpdating {
		return nil, nil //nolint:nilnil // nil says that there are none to be seen
	}
	entries := map[string]Entry{}
	pages := eks.NewListAccessEntriesPaginator(api, &eks.ListAccessEntriesInput{ClusterName: c.Name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("listing access entries: %w", err)
		}
		for _, principal := range page.AccessEntries {
			entry, err := observeEntry(ctx, api, c.Name, principal)
			if account.IsNotFound(err) {
				continue // it went in between
			}
			if err != nil {
				return nil, err
			}
			entries[principal] = entry
		}
	}
	return entries, nil
}

func observeEntry(ctx context.Context, api entryAPI, cluster *string, principal string) (Entry, error) {
	out, err := api.DescribeAccessEntry(ctx, &eks.DescribeAccessEntryInput{ClusterName: cluster, PrincipalArn: &principal})
	if err != nil {
		return Entry{}, err
	}
	entry := Entry{AccessEntry: *out.AccessEntry, Policies: map[string][]string{}}
	pages := eks.NewListAssociatedAccessPoliciesPaginator(api, &eks.ListAssociatedAccessPoliciesInput{ClusterName: cluster, PrincipalArn: &principal})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return Entry{}, fmt.Errorf("listing access policies: %w", err)
		}
		for _, p := range page.AssociatedAccessPolicies {
			entry.Policies[aws.ToString(p.PolicyArn)] = namespacesOf(p.AccessScope)
		}
	}
	return entry, nil
}

func namespacesOf(scope *types.AccessScope) []string {
	if scope == nil || scope.Type == types.AccessScopeTypeCluster {
		return nil
	}
	return scope.Namespaces
}

// entryPlan is how the access entries of a cluster come to the spec.
type entryPlan struct {
	remove       []string // principals
	create       []v1alpha1.AccessEntry
	regroup      []v1alpha1.AccessEntry
	associate    []policyOf
	disassociate []policyOf
}

// policyOf is an access policy of a principal.
type policyOf struct {
	principal string
	v1alpha1.AccessPolicy
}

func (p entryPlan) empty() bool {
	return len(p.remove)+len(p.create)+len(p.regroup)+len(p.associate)+len(p.disassociate) == 0
}

// planEntries compares the entries that can be seen with the spec. One that is not
// in the spec any more is removed where we made it, which its tags say.
func planEntries(d *diff.Fields, want []v1alpha1.AccessEntry, obs *ClusterObservation) entryPlan {
	var p entryPlan
	if obs.Entries == nil {
		return p
	}
	wanted := map[string]bool{}
	for _, w := range want {
		wanted[w.PrincipalARN] = true
		compareEntry(&p, w, obs.Entries)
	}
	for _, principal := range slices.Sorted(maps.Keys(obs.Entries)) {
		if !wanted[principal] && ours(obs.Entries[principal].Tags, obs.Tags) {
			p.remove = append(p.remove, principal)
		}
	}
	if !p.empty() {
		*d = append(*d, "accessEntries")
	}
	return p
}

// ours says whether an entry has the same owner as the cluster. Under which control plane is another
// matter: when another one takes the cluster over, its entries' tags stay as they are.
func ours(entry, cluster map[string]string) bool {
	return entry[contract.TagOwner] != "" && entry[contract.TagOwner] == cluster[contract.TagOwner]
}

func compareEntry(p *entryPlan, want v1alpha1.AccessEntry, entries map[string]Entry) {
	have, there := entries[want.PrincipalARN]
	switch {
	case !there:
		p.create = append(p.create, want)
	case !diff.Same(want.KubernetesGroups, have.KubernetesGroups):
		p.regroup = append(p.regroup, want)
	}
	wanted := map[string]bool{}
	for _, policy := range want.Policies {
		wanted[policy.PolicyARN] = true
		namespaces, associated := have.Policies[policy.PolicyARN]
		if !associated || !diff.Same(namespaces, policy.Namespaces) {
			p.associate = append(p.associate, policyOf{want.PrincipalARN, policy})
		}
	}
	for _, arn := range slices.Sorted(maps.Keys(have.Policies)) {
		if !wanted[arn] {
			p.disassociate = append(p.disassociate, policyOf{want.PrincipalARN, v1alpha1.AccessPolicy{PolicyARN: arn}})
		}
	}
}

// apply takes rights before it gives some.
func (p entryPlan) apply(ctx context.Context, api entryAPI, obs *ClusterObservation) error {
	for _, step := range []func(context.Context, entryAPI, *ClusterObservation) error{p.revoke, p.admit, p.grant} {
		if err := step(ctx, api, obs); err != nil {
			return err
		}
	}
	return nil
}

func (p entryPlan) revoke(ctx context.Context, api entryAPI, obs *ClusterObservation) error {
	for _, principal := range p.remove {
		_, err := api.DeleteAccessEntry(ctx, &eks.DeleteAccessEntryInput{ClusterName: obs.Name, PrincipalArn: &principal})
		if err != nil && !account.IsNotFound(err) {
			return err
		}
	}
	for _, policy := range p.disassociate {
		_, err := api.DisassociateAccessPolicy(ctx, &eks.DisassociateAccessPolicyInput{
			ClusterName: obs.Name, PrincipalArn: &policy.principal, PolicyArn: &policy.PolicyARN,
		})
		if err != nil && !account.IsNotFound(err) {
			return err
		}
	}
	return nil
}

func (p entryPlan) admit(ctx context.Context, api entryAPI, obs *ClusterObservation) error {
	for _, entry := range p.create {
		_, err := api.CreateAccessEntry(ctx, &eks.CreateAccessEntryInput{
			ClusterName: obs.Name, PrincipalArn: &entry.PrincipalARN, KubernetesGroups: entry.KubernetesGroups, Tags: ownership(obs.Tags),
		})
		if err != nil {
			return err
		}
	}
	for _, entry := range p.regroup {
		groups := append([]string{}, entry.KubernetesGroups...) // not nil, which would change nothing
		_, err := api.UpdateAccessEntry(ctx, &eks.UpdateAccessEntryInput{ClusterName: obs.Name, PrincipalArn: &entry.PrincipalARN, KubernetesGroups: groups})
		if err != nil {
			return err
		}
	}
	return nil
}

// ownership are the tags of a cluster that say whose it is.
func ownership(tags map[string]string) map[string]string {
	own := map[string]string{}
	for _, key := range []string{contract.TagHub, contract.TagOwner, contract.TagName} {
		if v, ok := tags[key]; ok {
			own[key] = v
		}
	}
	return own
}

func (p entryPlan) grant(ctx context.Context, api entryAPI, obs *ClusterObservation) error {
	for _, policy := range p.associate {
		scope := &types.AccessScope{Type: types.AccessScopeTypeCluster}
		if len(policy.Namespaces) > 0 {
			scope = &types.AccessScope{Type: types.AccessScopeTypeNamespace, Namespaces: policy.Namespaces}
		}
		_, err := api.AssociateAccessPolicy(ctx, &eks.AssociateAccessPolicyInput{
			ClusterName: obs.Name, PrincipalArn: &policy.principal, PolicyArn: &policy.PolicyARN, AccessScope: scope,
		})
		if err != nil {
			return err
		}
	}
	return nil
}
