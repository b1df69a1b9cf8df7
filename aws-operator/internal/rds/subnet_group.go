// SPDX-License-Identifier: Apache-2.0

package rds

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/aws-operator/api/database/v1alpha1"
	awsapi "github.com/crossplaneio/crossplane/aws-operator/api/v1alpha1"
	"github.com/crossplaneio/crossplane/aws-operator/internal/account"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/diff"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// SubnetGroupAPI is the part of the RDS client that DB subnet groups need.
type SubnetGroupAPI interface {
	tagAPI
	DescribeDBSubnetGroups(context.Context, *rds.DescribeDBSubnetGroupsInput, ...func(*rds.Options)) (*rds.DescribeDBSubnetGroupsOutput, error)
	ListTagsForResource(context.Context, *rds.ListTagsForResourceInput, ...func(*rds.Options)) (*rds.ListTagsForResourceOutput, error)
	CreateDBSubnetGroup(context.Context, *rds.CreateDBSubnetGroupInput, ...func(*rds.Options)) (*rds.CreateDBSubnetGroupOutput, error)
	ModifyDBSubnetGroup(context.Context, *rds.ModifyDBSubnetGroupInput, ...func(*rds.Options)) (*rds.ModifyDBSubnetGroupOutput, error)
	DeleteDBSubnetGroup(context.Context, *rds.DeleteDBSubnetGroupInput, ...func(*rds.Options)) (*rds.DeleteDBSubnetGroupOutput, error)
}

// SubnetGroupObservation is what RDS says of a group; its tags take a call of
// their own.
type SubnetGroupObservation struct {
	types.DBSubnetGroup
	Tags map[string]string
}

// +kubebuilder:rbac:groups=database.aws.crossplane.io,resources=dbsubnetgroups,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=database.aws.crossplane.io,resources=dbsubnetgroups/status,verbs=patch
// +kubebuilder:rbac:groups=database.aws.crossplane.io,resources=dbsubnetgroups/finalizers,verbs=update

// SubnetGroup returns the kind DBSubnetGroup. A group's name is ours to choose.
func SubnetGroup(accounts Accounts) managed.Kind[*v1alpha1.DBSubnetGroup, SubnetGroupObservation] {
	return managed.Kind[*v1alpha1.DBSubnetGroup, SubnetGroupObservation]{
		New:      func() *v1alpha1.DBSubnetGroup { return &v1alpha1.DBSubnetGroup{} },
		Provider: func() client.Object { return &awsapi.Provider{} },
		Connect: func(ctx context.Context, mr *v1alpha1.DBSubnetGroup) (managed.External[*v1alpha1.DBSubnetGroup, SubnetGroupObservation], error) {
			a, err := accounts.Connect(ctx, mr.Spec.ProviderRef.Name)
			if err != nil {
				return nil, err
			}
			return subnetGroup{account.Client(a, mr.Spec.ForProvider.Region, newClient)}, nil
		},
		Classify:  account.Classify,
		Name:      func(mr *v1alpha1.DBSubnetGroup, owner string) string { return instanceName(mr.Name, owner) },
		ValidName: validSubnetGroupName,
	}
}

// subnetGroup is managed.External for groups of one account and region.
type subnetGroup struct{ rds SubnetGroupAPI }

// Observe implements managed.External.
func (e subnetGroup) Observe(ctx context.Context, mr *v1alpha1.DBSubnetGroup, _ managed.Identity) (*SubnetGroupObservation, error) {
	name := managed.ExternalName(mr)
	if name == "" {
		return nil, nil //nolint:nilnil // never named, so there certainly is none
	}
	out, err := e.rds.DescribeDBSubnetGroups(ctx, &rds.DescribeDBSubnetGroupsInput{DBSubnetGroupName: &name})
	if account.IsNotFound(err) || err == nil && len(out.DBSubnetGroups) == 0 {
		return nil, nil //nolint:nilnil // nil says that there is none
	}
	if err != nil {
		return nil, err
	}
	obs := &SubnetGroupObservation{DBSubnetGroup: out.DBSubnetGroups[0]}
	tags, err := e.rds.ListTagsForResource(ctx, &rds.ListTagsForResourceInput{ResourceName: obs.DBSubnetGroupArn})
	if err != nil {
		return nil, err
	}
	obs.Tags = tagMap(tags.TagList)
	return obs, nil
}

// Assess implements managed.External.
func (e subnetGroup) Assess(mr *v1alpha1.DBSubnetGroup, obs *SubnetGroupObservation) managed.Assessment {
	want, status := mr.Spec.ForProvider, aws.ToString(obs.SubnetGroupStatus)
	mr.Status.AtProvider = v1alpha1.DBSubnetGroupObservation{
		State: status, ARN: aws.ToString(obs.DBSubnetGroupArn), VPCID: aws.ToString(obs.VpcId),
	}
	_, drift := planSubnetGroup(want, obs)
	diff.Tags(&drift, want.Tags, obs.Tags)
	a := managed.Assessment{
		Name:     sameName(managed.ExternalName(mr), aws.ToString(obs.DBSubnetGroupName)),
		Tags:     obs.Tags,
		State:    managed.Unknown,
		Message:  status,
		Drift:    drift,
		Location: &contract.Location{Provider: "aws", Region: want.Region},
	}
	if status == "Complete" {
		a.State = managed.Available
	}
	return a
}

// planSubnetGroup returns the request that brings obs to want, and the names of
// the fields that it changes. The subnets are sent always: RDS requires them.
func planSubnetGroup(want v1alpha1.DBSubnetGroupParameters, obs *SubnetGroupObservation) (*rds.ModifyDBSubnetGroupInput, diff.Fields) {
	in := &rds.ModifyDBSubnetGroupInput{DBSubnetGroupName: obs.DBSubnetGroupName, SubnetIds: want.SubnetIDs}
	have := make([]string, 0, len(obs.Subnets))
	for _, s := range obs.Subnets {
		have = append(have, aws.ToString(s.SubnetIdentifier))
	}
	var d diff.Fields
	diff.Set(&d, "subnetIDs", want.SubnetIDs, have, &in.SubnetIds)
	diff.Text(&d, "description", want.Description, obs.DBSubnetGroupDescription, &in.DBSubnetGroupDescription)
	return in, d
}

// Create implements managed.External.
func (e subnetGroup) Create(ctx context.Context, mr *v1alpha1.DBSubnetGroup, in managed.Intent) (*SubnetGroupObservation, error) {
	want := mr.Spec.ForProvider
	description := want.Description
	if description == "" {
		description = "Managed by Crossplane: " + mr.Name
	}
	tags := diff.Both(want.Tags, in.Tags)
	out, err := e.rds.CreateDBSubnetGroup(ctx, &rds.CreateDBSubnetGroupInput{
		DBSubnetGroupName: &in.Name, DBSubnetGroupDescription: &description, SubnetIds: want.SubnetIDs, Tags: tagList(tags),
	})
	if err != nil {
		return nil, err
	}
	return &SubnetGroupObservation{DBSubnetGroup: *out.DBSubnetGroup, Tags: tags}, nil
}

// Update implements managed.External.
func (e subnetGroup) Update(ctx context.Context, mr *v1alpha1.DBSubnetGroup, obs *SubnetGroupObservation) error {
	request, drift := planSubnetGroup(mr.Spec.ForProvider, obs)
	if len(drift) > 0 {
		if _, err := e.rds.ModifyDBSubnetGroup(ctx, request); err != nil {
			return err
		}
	}
	return addTags(ctx, e.rds, obs.DBSubnetGroupArn, diff.Tags(&drift, mr.Spec.ForProvider.Tags, obs.Tags))
}

// Delete implements managed.External. While an instance uses the group RDS
// refuses.
func (e subnetGroup) Delete(ctx context.Context, _ *v1alpha1.DBSubnetGroup, obs *SubnetGroupObservation) error {
	_, err := e.rds.DeleteDBSubnetGroup(ctx, &rds.DeleteDBSubnetGroupInput{DBSubnetGroupName: obs.DBSubnetGroupName})
	return err
}

// Adopt implements managed.Adopter.
func (e subnetGroup) Adopt(ctx context.Context, _ *v1alpha1.DBSubnetGroup, obs *SubnetGroupObservation, tags map[string]string) error {
	return addTags(ctx, e.rds, obs.DBSubnetGroupArn, tags)
}

// Names have up to 255 letters, digits, spaces, full stops, underscores and
// hyphens, and are not "default" (RDS API reference, CreateDBSubnetGroup).
var subnetGroupNames = regexp.MustCompile(`^[A-Za-z0-9 ._-]{1,255}$`)

var errInvalidGroupName = errors.New("not a name that RDS accepts for a subnet group")

func validSubnetGroupName(name string) error {
	if strings.EqualFold(name, "default") || !subnetGroupNames.MatchString(name) {
		return fmt.Errorf("%w: %q is not up to 255 letters, digits, spaces, full stops, underscores and hyphens", errInvalidGroupName, name)
	}
	return nil
}
