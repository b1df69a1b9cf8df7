// SPDX-License-Identifier: Apache-2.0

// Package ec2 manages the resources of Amazon VPC, which belong to EC2's API.
package ec2

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/aws-operator/api/network/v1alpha1"
	awsapi "github.com/crossplaneio/crossplane/aws-operator/api/v1alpha1"
	"github.com/crossplaneio/crossplane/aws-operator/internal/account"
	"github.com/crossplaneio/crossplane/aws-operator/internal/tagging"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/diff"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// Accounts knows the account of each Provider by its name.
type Accounts interface {
	Connect(ctx context.Context, provider string) (*account.Account, error)
}

// SecurityGroupAPI is the part of the EC2 client that security groups need.
type SecurityGroupAPI interface {
	listRulesAPI
	DescribeSecurityGroups(context.Context, *ec2.DescribeSecurityGroupsInput, ...func(*ec2.Options)) (*ec2.DescribeSecurityGroupsOutput, error)
	CreateSecurityGroup(context.Context, *ec2.CreateSecurityGroupInput, ...func(*ec2.Options)) (*ec2.CreateSecurityGroupOutput, error)
	DeleteSecurityGroup(context.Context, *ec2.DeleteSecurityGroupInput, ...func(*ec2.Options)) (*ec2.DeleteSecurityGroupOutput, error)
	AuthorizeSecurityGroupIngress(context.Context, *ec2.AuthorizeSecurityGroupIngressInput, ...func(*ec2.Options)) (*ec2.AuthorizeSecurityGroupIngressOutput, error)
	AuthorizeSecurityGroupEgress(context.Context, *ec2.AuthorizeSecurityGroupEgressInput, ...func(*ec2.Options)) (*ec2.AuthorizeSecurityGroupEgressOutput, error)
	RevokeSecurityGroupIngress(context.Context, *ec2.RevokeSecurityGroupIngressInput, ...func(*ec2.Options)) (*ec2.RevokeSecurityGroupIngressOutput, error)
	RevokeSecurityGroupEgress(context.Context, *ec2.RevokeSecurityGroupEgressInput, ...func(*ec2.Options)) (*ec2.RevokeSecurityGroupEgressOutput, error)
	CreateTags(context.Context, *ec2.CreateTagsInput, ...func(*ec2.Options)) (*ec2.CreateTagsOutput, error)
}

// GroupObservation is a security group with its rules.
type GroupObservation struct {
	types.SecurityGroup

	own    sides // the group's; none where the spec lists no rules
	others sides // those that are objects of their own
}

// +kubebuilder:rbac:groups=network.aws.crossplane.io,resources=securitygroups,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=network.aws.crossplane.io,resources=securitygroups/status,verbs=patch
// +kubebuilder:rbac:groups=network.aws.crossplane.io,resources=securitygroups/finalizers,verbs=update

// SecurityGroup returns the kind SecurityGroup. EC2 assigns a group's id: a
// group of ours is found by the tags that it was created with, and its name,
// unique in the VPC, keeps it from being created twice.
func SecurityGroup(accounts Accounts) managed.Kind[*v1alpha1.SecurityGroup, GroupObservation] {
	return managed.Kind[*v1alpha1.SecurityGroup, GroupObservation]{
		New:      func() *v1alpha1.SecurityGroup { return &v1alpha1.SecurityGroup{} },
		Provider: func() client.Object { return &awsapi.Provider{} },
		Connect: func(ctx context.Context, mr *v1alpha1.SecurityGroup) (managed.External[*v1alpha1.SecurityGroup, GroupObservation], error) {
			a, err := accounts.Connect(ctx, mr.Spec.ProviderRef.Name)
			if err != nil {
				return nil, err
			}
			return securityGroup{account.Client(a, mr.Spec.ForProvider.Region, newClient)}, nil
		},
		Classify:   account.Classify,
		Naming:     managed.Assigned,
		ValidName:  validGroupID,
		References: groupReferences(),
	}
}

func newClient(c aws.Config) *ec2.Client { return ec2.NewFromConfig(c) }

// groupReferences look the groups up that rules name. Each rule's names are a
// part of one list, in the order of the rules.
func groupReferences() []managed.ReferenceField[*v1alpha1.SecurityGroup] {
	return []managed.ReferenceField[*v1alpha1.SecurityGroup]{{
		Field: "securityGroupRefs",
		To:    v1alpha1.GroupVersion.WithKind("SecurityGroup"),
		Names: func(mr *v1alpha1.SecurityGroup) []string {
			var names []string
			for _, rule := range allRules(mr) {
				names = append(names, managed.NamesOf(rule.SecurityGroupRefs)...)
			}
			return names
		},
		Resolve: func(mr *v1alpha1.SecurityGroup, ids []string) {
			for _, rule := range allRules(mr) {
				n := len(rule.SecurityGroupRefs)
				rule.SecurityGroupIDs = append(slices.Clone(rule.SecurityGroupIDs), ids[:n]...)
				rule.SecurityGroupRefs, ids = nil, ids[n:]
			}
		},
	}}
}

func allRules(mr *v1alpha1.SecurityGroup) []*v1alpha1.Permission {
	var rules []*v1alpha1.Permission
	for _, list := range [][]v1alpha1.Permission{mr.Spec.ForProvider.Ingress, mr.Spec.ForProvider.Egress} {
		for i := range list {
			rules = append(rules, &list[i])
		}
	}
	return rules
}

// securityGroup is managed.External for groups of one account and region.
type securityGroup struct{ ec2 SecurityGroupAPI }

// Observe implements managed.External.
func (e securityGroup) Observe(ctx context.Context, mr *v1alpha1.SecurityGroup, id managed.Identity) (*GroupObservation, error) {
	in := &ec2.DescribeSecurityGroupsInput{GroupIds: []string{managed.ExternalName(mr)}}
	if managed.ExternalName(mr) == "" {
		in = &ec2.DescribeSecurityGroupsInput{Filters: tagged(id)}
	}
	out, err := e.ec2.DescribeSecurityGroups(ctx, in)
	if account.IsNotFound(err) || err == nil && len(out.SecurityGroups) == 0 {
		return nil, nil //nolint:nilnil // nil says that there is none
	}
	if err != nil {
		return nil, err
	}
	g := &GroupObservation{SecurityGroup: out.SecurityGroups[0], own: noRules(), others: noRules()}
	if err := e.observeRules(ctx, mr.Spec.ForProvider, g, id); err != nil {
		return nil, err
	}
	return g, nil
}

// observeRules looks at the group's rules, if they are the spec's business. Those
// with the tags of an object of this control plane, or of one before it, are that object's.
func (e securityGroup) observeRules(ctx context.Context, want v1alpha1.SecurityGroupParameters, g *GroupObservation, id managed.Identity) error {
	if want.Ingress == nil && want.Egress == nil {
		return nil
	}
	list, err := rulesOf(ctx, e.ec2, aws.ToString(g.GroupId))
	for _, r := range list {
		whose := g.own
		if tags := tagMap(r.Tags); tags[contract.TagOwner] != "" && slices.Contains(id.Hubs(), tags[contract.TagHub]) {
			whose = g.others
		}
		whose.of(aws.ToBool(r.IsEgress))[ruleOf(r)] = aws.ToString(r.Description)
	}
	return err
}

// tagged are the filters for what is owned under an identity.
func tagged(id managed.Identity) []types.Filter {
	return []types.Filter{
		{Name: aws.String("tag:" + contract.TagHub), Values: id.Hubs()},
		{Name: aws.String("tag:" + contract.TagOwner), Values: []string{id.Owner}},
	}
}

// Assess implements managed.External. A group has no states: it is there, or not.
func (e securityGroup) Assess(mr *v1alpha1.SecurityGroup, g *GroupObservation) managed.Assessment {
	want := mr.Spec.ForProvider
	mr.Status.AtProvider = v1alpha1.SecurityGroupObservation{
		ARN: aws.ToString(g.SecurityGroupArn), GroupName: aws.ToString(g.GroupName), VPCID: aws.ToString(g.VpcId),
	}
	drift := plan(want, g).fields()
	diff.Tags(&drift, want.Tags, tagMap(g.Tags))
	var fixed diff.Fields
	diff.FixedText(&fixed, "vpcID", want.VPCID, g.VpcId)
	diff.FixedText(&fixed, "groupName", want.GroupName, g.GroupName)
	diff.FixedText(&fixed, "description", want.Description, g.Description)
	return managed.Assessment{
		Name:     aws.ToString(g.GroupId),
		Tags:     tagMap(g.Tags),
		State:    managed.Available,
		Message:  "exists",
		Drift:    drift,
		Fixed:    fixed,
		Location: &contract.Location{Provider: "aws", Region: want.Region},
	}
}

// Create implements managed.External. EC2 takes no rules along with a group, so
// they are calls of their own; what a failure leaves undone is drift.
func (e securityGroup) Create(ctx context.Context, mr *v1alpha1.SecurityGroup, in managed.Intent) (*GroupObservation, error) {
	want := mr.Spec.ForProvider
	name, description := want.GroupName, want.Description
	if name == "" {
		name = managed.ChosenName(mr.Name, in.Token)
	}
	if description == "" {
		description = "Managed by Crossplane: " + mr.Name
	}
	var vpc *string
	if want.VPCID != "" {
		vpc = &want.VPCID
	}
	tags := tagList(diff.Both(want.Tags, in.Tags))
	out, err := e.ec2.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{
		GroupName: &name, Description: &description, VpcId: vpc,
		TagSpecifications: []types.TagSpecification{{ResourceType: types.ResourceTypeSecurityGroup, Tags: tags}},
	})
	if err != nil {
		return nil, err
	}
	g := &GroupObservation{SecurityGroup: types.SecurityGroup{
		GroupId: out.GroupId, GroupName: &name, Description: &description, VpcId: vpc, Tags: tags, SecurityGroupArn: out.SecurityGroupArn,
	}, own: sides{egress: everythingOut()}}
	if err := e.Update(ctx, mr, g); err != nil {
		return nil, err
	}
	g.own = sides{wanted(want.Ingress, aws.ToString(g.GroupId)), wanted(want.Egress, aws.ToString(g.GroupId))}
	return g, nil
}

func noRules() sides { return sides{rules{}, rules{}} }

// everythingOut is the rule that EC2 gives to each new group.
func everythingOut() rules {
	return rules{{protocol: all, from: -1, to: -1, peer: peer{ipv4, "0.0.0.0/0"}}: ""}
}

// Update implements managed.External. What is too much goes first: a rule that
// should not be there does more harm than one that is missing.
func (e securityGroup) Update(ctx context.Context, mr *v1alpha1.SecurityGroup, g *GroupObservation) error {
	p := plan(mr.Spec.ForProvider, g)
	err := errors.Join(
		e.revoke(ctx, g.GroupId, p.revokeIngress, p.revokeEgress),
		e.authorize(ctx, g.GroupId, p.allowIngress, p.allowEgress),
	)
	var d diff.Fields
	if tags := diff.Tags(&d, mr.Spec.ForProvider.Tags, tagMap(g.Tags)); err == nil {
		err = e.tag(ctx, g.GroupId, tags)
	}
	return err
}

func (e securityGroup) revoke(ctx context.Context, id *string, ingress, egress []types.IpPermission) error {
	if len(ingress) > 0 {
		_, err := e.ec2.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: id, IpPermissions: ingress})
		if err != nil && !account.IsRuleGone(err) {
			return err
		}
	}
	if len(egress) > 0 {
		_, err := e.ec2.RevokeSecurityGroupEgress(ctx, &ec2.RevokeSecurityGroupEgressInput{GroupId: id, IpPermissions: egress})
		if err != nil && !account.IsRuleGone(err) {
			return err
		}
	}
	return nil
}

func (e securityGroup) authorize(ctx context.Context, id *string, ingress, egress []types.IpPermission) error {
	if len(ingress) > 0 {
		_, err := e.ec2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: id, IpPermissions: ingress})
		if err != nil && !account.IsRuleThere(err) {
			return err
		}
	}
	if len(egress) > 0 {
		_, err := e.ec2.AuthorizeSecurityGroupEgress(ctx, &ec2.AuthorizeSecurityGroupEgressInput{GroupId: id, IpPermissions: egress})
		if err != nil && !account.IsRuleThere(err) {
			return err
		}
	}
	return nil
}

// Delete implements managed.External. While something uses the group EC2 refuses.
func (e securityGroup) Delete(ctx context.Context, _ *v1alpha1.SecurityGroup, g *GroupObservation) error {
	_, err := e.ec2.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: g.GroupId})
	return err
}

// Adopt implements managed.Adopter.
func (e securityGroup) Adopt(ctx context.Context, _ *v1alpha1.SecurityGroup, g *GroupObservation, tags map[string]string) error {
	return e.tag(ctx, g.GroupId, tags)
}

func (e securityGroup) tag(ctx context.Context, id *string, tags map[string]string) error {
	if len(tags) == 0 {
		return nil
	}
	_, err := e.ec2.CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{aws.ToString(id)}, Tags: tagList(tags)})
	return err
}

func tagMap(list []types.Tag) map[string]string {
	return tagging.Map(list, func(t types.Tag) (key, value *string) { return t.Key, t.Value })
}

func tagList(tags map[string]string) []types.Tag {
	return tagging.List(tags, func(key, value *string) types.Tag { return types.Tag{Key: key, Value: value} })
}

var groupIDs = regexp.MustCompile(`^sg-[0-9a-z]+$`)

var errInvalidGroupID = errors.New("not the id of a security group")

func validGroupID(name string) error {
	if !groupIDs.MatchString(name) {
		return fmt.Errorf("%w: %q", errInvalidGroupID, name)
	}
	return nil
}
