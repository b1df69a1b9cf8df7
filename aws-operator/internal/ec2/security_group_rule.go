// SPDX-License-Identifier: Apache-2.0

package ec2

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/aws-operator/api/network/v1alpha1"
	awsapi "github.com/crossplaneio/crossplane/aws-operator/api/v1alpha1"
	"github.com/crossplaneio/crossplane/aws-operator/internal/account"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/diff"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// SecurityGroupRuleAPI is the part of the EC2 client that single rules need.
type SecurityGroupRuleAPI interface {
	listRulesAPI
	AuthorizeSecurityGroupIngress(context.Context, *ec2.AuthorizeSecurityGroupIngressInput, ...func(*ec2.Options)) (*ec2.AuthorizeSecurityGroupIngressOutput, error)
	AuthorizeSecurityGroupEgress(context.Context, *ec2.AuthorizeSecurityGroupEgressInput, ...func(*ec2.Options)) (*ec2.AuthorizeSecurityGroupEgressOutput, error)
	ModifySecurityGroupRules(context.Context, *ec2.ModifySecurityGroupRulesInput, ...func(*ec2.Options)) (*ec2.ModifySecurityGroupRulesOutput, error)
	RevokeSecurityGroupIngress(context.Context, *ec2.RevokeSecurityGroupIngressInput, ...func(*ec2.Options)) (*ec2.RevokeSecurityGroupIngressOutput, error)
	RevokeSecurityGroupEgress(context.Context, *ec2.RevokeSecurityGroupEgressInput, ...func(*ec2.Options)) (*ec2.RevokeSecurityGroupEgressOutput, error)
	CreateTags(context.Context, *ec2.CreateTagsInput, ...func(*ec2.Options)) (*ec2.CreateTagsOutput, error)
}

// listRulesAPI looks at rules with their tags.
type listRulesAPI interface {
	DescribeSecurityGroupRules(context.Context, *ec2.DescribeSecurityGroupRulesInput, ...func(*ec2.Options)) (*ec2.DescribeSecurityGroupRulesOutput, error)
}

// +kubebuilder:rbac:groups=network.aws.crossplane.io,resources=securitygrouprules,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=network.aws.crossplane.io,resources=securitygrouprules/status,verbs=patch
// +kubebuilder:rbac:groups=network.aws.crossplane.io,resources=securitygrouprules/finalizers,verbs=update

// SecurityGroupRule returns the kind SecurityGroupRule. EC2 assigns a rule's id: a
// rule of ours is found by the tags that it was created with, and what it lets
// through, of which a group has no two alike, keeps it from being created twice.
func SecurityGroupRule(accounts Accounts) managed.Kind[*v1alpha1.SecurityGroupRule, types.SecurityGroupRule] {
	return managed.Kind[*v1alpha1.SecurityGroupRule, types.SecurityGroupRule]{
		New:      func() *v1alpha1.SecurityGroupRule { return &v1alpha1.SecurityGroupRule{} },
		Provider: func() client.Object { return &awsapi.Provider{} },
		Connect: func(ctx context.Context, mr *v1alpha1.SecurityGroupRule) (managed.External[*v1alpha1.SecurityGroupRule, types.SecurityGroupRule], error) {
			a, err := accounts.Connect(ctx, mr.Spec.ProviderRef.Name)
			if err != nil {
				return nil, err
			}
			return securityGroupRule{account.Client(a, mr.Spec.ForProvider.Region, newClient)}, nil
		},
		Classify:   account.Classify,
		Naming:     managed.Assigned,
		ValidName:  validRuleID,
		References: ruleReferences(),
	}
}

func ruleReferences() []managed.ReferenceField[*v1alpha1.SecurityGroupRule] {
	return []managed.ReferenceField[*v1alpha1.SecurityGroupRule]{{
		Field: "securityGroupRef",
		To:    v1alpha1.GroupVersion.WithKind("SecurityGroup"),
		Names: func(mr *v1alpha1.SecurityGroupRule) []string {
			return managed.NameOf(mr.Spec.ForProvider.SecurityGroupRef)
		},
		Resolve: func(mr *v1alpha1.SecurityGroupRule, ids []string) { mr.Spec.ForProvider.SecurityGroupID = ids[0] },
	}, {
		Field: "sourceSecurityGroupRef",
		To:    v1alpha1.GroupVersion.WithKind("SecurityGroup"),
		Names: func(mr *v1alpha1.SecurityGroupRule) []string {
			return managed.NameOf(mr.Spec.ForProvider.SourceSecurityGroupRef)
		},
		Resolve: func(mr *v1alpha1.SecurityGroupRule, ids []string) { mr.Spec.ForProvider.SourceSecurityGroupID = ids[0] },
	}}
}

// securityGroupRule is managed.External for rules of one account and region.
type securityGroupRule struct{ ec2 SecurityGroupRuleAPI }

// Observe implements managed.External. A group has no two rules that let the same
// through. So where there is none of ours it looks for one that does: ours can't
// be made beside it, and people are told whose it is.
func (e securityGroupRule) Observe(ctx context.Context, mr *v1alpha1.SecurityGroupRule, id managed.Identity) (*types.SecurityGroupRule, error) {
	in := &ec2.DescribeSecurityGroupRulesInput{Filters: tagged(id)}
	if name := managed.ExternalName(mr); name != "" {
		in = &ec2.DescribeSecurityGroupRulesInput{SecurityGroupRuleIds: []string{name}}
	}
	list, err := describeRules(ctx, e.ec2, in)
	switch {
	case err != nil && !account.IsNotFound(err):
		return nil, err
	case len(list) > 0:
		return &list[0], nil
	case managed.ExternalName(mr) != "" || mr.Spec.ForProvider.SecurityGroupID == "":
		return nil, nil //nolint:nilnil // nil says that there is none
	}
	return e.alike(ctx, mr.Spec.ForProvider)
}

// alike returns the rule of the group that lets through what is wanted, if any.
func (e securityGroupRule) alike(ctx context.Context, want v1alpha1.SecurityGroupRuleParameters) (*types.SecurityGroupRule, error) {
	list, err := rulesOf(ctx, e.ec2, want.SecurityGroupID)
	for _, r := range list {
		if aws.ToBool(r.IsEgress) == (want.Type == v1alpha1.Egress) && ruleOf(r) == wantedRule(want) {
			return &r, nil
		}
	}
	return nil, err
}

// rulesOf lists the rules of a group.
func rulesOf(ctx context.Context, api listRulesAPI, group string) ([]types.SecurityGroupRule, error) {
	return describeRules(ctx, api, &ec2.DescribeSecurityGroupRulesInput{Filters: []types.Filter{{Name: aws.String("group-id"), Values: []string{group}}}})
}

// describeRules lists rules, from all pages.
func describeRules(ctx context.Context, api listRulesAPI, in *ec2.DescribeSecurityGroupRulesInput) ([]types.SecurityGroupRule, error) {
	var list []types.SecurityGroupRule
	for pages := ec2.NewDescribeSecurityGroupRulesPaginator(api, in); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err //nolint:wrapcheck // as the SDK gave it: Classify judges it
		}
		list = append(list, page.SecurityGroupRules...)
	}
	return list, nil
}

// wantedRule is the rule that a spec describes.
func wantedRule(want v1alpha1.SecurityGroupRuleParameters) rule {
	r := rule{protocol: protocol(want.Protocol)}
	r.from, r.to = ports(want.Protocol, want.FromPort, want.ToPort)
	switch {
	case want.CIDR != "":
		r.peer = network(want.CIDR)
	case want.CIDR6 != "":
		r.peer = network(want.CIDR6)
	case want.PrefixListID != "":
		r.peer = peer{prefixList, want.PrefixListID}
	default:
		r.peer = peer{group, want.SourceSecurityGroupID}
	}
	return r
}

// Assess implements managed.External. A rule has no states: it is there, or not.
func (e securityGroupRule) Assess(mr *v1alpha1.SecurityGroupRule, have *types.SecurityGroupRule) managed.Assessment {
	want := mr.Spec.ForProvider
	mr.Status.AtProvider = v1alpha1.SecurityGroupRuleObservation{
		ARN: aws.ToString(have.SecurityGroupRuleArn), SecurityGroupID: aws.ToString(have.GroupId),
	}
	_, drift := planRule(want, have)
	diff.Tags(&drift, want.Tags, tagMap(have.Tags))
	return managed.Assessment{
		Name:     aws.ToString(have.SecurityGroupRuleId),
		Tags:     tagMap(have.Tags),
		State:    managed.Available,
		Message:  "exists",
		Drift:    drift,
		Fixed:    fixedOfRule(want, have),
		Location: &contract.Location{Provider: "aws", Region: want.Region},
	}
}

// peerFields are the fields of spec.forProvider that say whom a rule is about.
//
//nolint:gochecknoglobals // a table
var peerFields = map[peerKind]string{ipv4: "cidr", ipv6: "cidr6", group: "sourceSecurityGroupID", prefixList: "prefixListID"}

// planRule returns the request that makes have what is wanted, and the names of
// the fields that differ. A request has to describe the whole rule.
func planRule(want v1alpha1.SecurityGroupRuleParameters, have *types.SecurityGroupRule) (*types.SecurityGroupRuleRequest, diff.Fields) {
	var d diff.Fields
	next, is := wantedRule(want), ruleOf(*have)
	if next.protocol != is.protocol {
		d = append(d, "protocol")
	}
	if next.from != is.from {
		d = append(d, "fromPort")
	}
	if next.to != is.to {
		d = append(d, "toPort")
	}
	if next.peer.kind == is.peer.kind && next.peer.id != is.peer.id {
		d = append(d, peerFields[next.peer.kind])
	}
	request := requestFor(next, have.Description)
	diff.Text(&d, "description", want.Description, have.Description, &request.Description)
	return request, d
}

func requestFor(r rule, description *string) *types.SecurityGroupRuleRequest {
	p := permissions(rules{r: ""})[0]
	request := &types.SecurityGroupRuleRequest{IpProtocol: p.IpProtocol, FromPort: p.FromPort, ToPort: p.ToPort, Description: description}
	switch id := aws.String(r.peer.id); r.peer.kind {
	case ipv4:
		request.CidrIpv4 = id
	case ipv6:
		request.CidrIpv6 = id
	case group:
		request.ReferencedGroupId = id
	case prefixList:
		request.PrefixListId = id
	}
	return request
}

// fixedOfRule returns what differs and can't be changed, each with why.
func fixedOfRule(want v1alpha1.SecurityGroupRuleParameters, have *types.SecurityGroupRule) diff.Fields {
	var d diff.Fields
	diff.FixedText(&d, "securityGroupID", want.SecurityGroupID, have.GroupId)
	is := v1alpha1.Ingress
	if aws.ToBool(have.IsEgress) {
		is = v1alpha1.Egress
	}
	diff.Fixed(&d, "type", &want.Type, &is)
	if next, is := wantedRule(want).peer, ruleOf(*have).peer; next.kind != is.kind {
		d = append(d, fmt.Sprintf("%s (%s → %s)", peerFields[next.kind], is.id, next.id))
	}
	return d
}

// Create implements managed.External.
func (e securityGroupRule) Create(ctx context.Context, mr *v1alpha1.SecurityGroupRule, in managed.Intent) (*types.SecurityGroupRule, error) {
	want := mr.Spec.ForProvider
	list := permissions(rules{wantedRule(want): want.Description})
	tags := []types.TagSpecification{{ResourceType: types.ResourceTypeSecurityGroupRule, Tags: tagList(diff.Both(want.Tags, in.Tags))}}
	var made []types.SecurityGroupRule
	if want.Type == v1alpha1.Egress {
		out, err := e.ec2.AuthorizeSecurityGroupEgress(ctx, &ec2.AuthorizeSecurityGroupEgressInput{
			GroupId: &want.SecurityGroupID, IpPermissions: list, TagSpecifications: tags,
		})
		if err != nil {
			return nil, err
		}
		made = out.SecurityGroupRules
	} else {
		out, err := e.ec2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{
			GroupId: &want.SecurityGroupID, IpPermissions: list, TagSpecifications: tags,
		})
		if err != nil {
			return nil, err
		}
		made = out.SecurityGroupRules
	}
	if len(made) == 0 {
		return nil, nil //nolint:nilnil // EC2 described nothing
	}
	return &made[0], nil
}

// Update implements managed.External.
func (e securityGroupRule) Update(ctx context.Context, mr *v1alpha1.SecurityGroupRule, have *types.SecurityGroupRule) error {
	want := mr.Spec.ForProvider
	if request, differ := planRule(want, have); len(differ) > 0 && len(fixedOfRule(want, have)) == 0 {
		_, err := e.ec2.ModifySecurityGroupRules(ctx, &ec2.ModifySecurityGroupRulesInput{
			GroupId:            have.GroupId,
			SecurityGroupRules: []types.SecurityGroupRuleUpdate{{SecurityGroupRuleId: have.SecurityGroupRuleId, SecurityGroupRule: request}},
		})
		if err != nil {
			return err
		}
	}
	var d diff.Fields
	return e.tag(ctx, have, diff.Tags(&d, want.Tags, tagMap(have.Tags)))
}

// Delete implements managed.External.
func (e securityGroupRule) Delete(ctx context.Context, _ *v1alpha1.SecurityGroupRule, have *types.SecurityGroupRule) error {
	ids := []string{aws.ToString(have.SecurityGroupRuleId)}
	if aws.ToBool(have.IsEgress) {
		_, err := e.ec2.RevokeSecurityGroupEgress(ctx, &ec2.RevokeSecurityGroupEgressInput{GroupId: have.GroupId, SecurityGroupRuleIds: ids})
		return err
	}
	_, err := e.ec2.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: have.GroupId, SecurityGroupRuleIds: ids})
	return err
}

// Adopt implements managed.Adopter.
func (e securityGroupRule) Adopt(ctx context.Context, _ *v1alpha1.SecurityGroupRule, have *types.SecurityGroupRule, tags map[string]string) error {
	return e.tag(ctx, have, tags)
}

func (e securityGroupRule) tag(ctx context.Context, r *types.SecurityGroupRule, tags map[string]string) error {
	if len(tags) == 0 {
		return nil
	}
	_, err := e.ec2.CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{aws.ToString(r.SecurityGroupRuleId)}, Tags: tagList(tags)})
	return err
}

var ruleIDs = regexp.MustCompile(`^sgr-[0-9a-z]+$`)

var errInvalidRuleID = errors.New("not the id of a security group rule")

func validRuleID(name string) error {
	if !ruleIDs.MatchString(name) {
		return fmt.Errorf("%w: %q", errInvalidRuleID, name)
	}
	return nil
}
