// SPDX-License-Identifier: Apache-2.0

package eks

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	"github.com/aws/aws-sdk-go-v2/service/eks/types"

	"github.com/crossplaneio/crossplane/aws-operator/api/compute/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/diff"
)

// clusterPlan is how a cluster comes to its spec. EKS makes one type of change at
// a time, and refuses requests with two (EKS API reference, UpdateClusterConfig):
// there is one request for each, in the order in which they are to be made. The
// version comes last: it takes longest.
type clusterPlan struct {
	configs []*eks.UpdateClusterConfigInput
	version *eks.UpdateClusterVersionInput

	fields diff.Fields
}

// planCluster compares a cluster with its spec.
func planCluster(want v1alpha1.EKSClusterParameters, c *types.Cluster) clusterPlan {
	var p clusterPlan
	for _, part := range []func(*diff.Fields, v1alpha1.EKSClusterParameters, *types.Cluster, *eks.UpdateClusterConfigInput){
		planProtection, planAuthentication, planEndpoint, planVPC, planLogging, planSupport,
	} {
		in, before := &eks.UpdateClusterConfigInput{Name: c.Name}, len(p.fields)
		part(&p.fields, want, c, in)
		if len(p.fields) > before {
			p.configs = append(p.configs, in)
		}
	}
	if have := aws.ToString(c.Version); newer(want.Version, have) {
		p.fields = append(p.fields, "version")
		p.version = &eks.UpdateClusterVersionInput{Name: c.Name, Version: aws.String(nextMinor(have))}
	}
	return p
}

func planProtection(d *diff.Fields, want v1alpha1.EKSClusterParameters, c *types.Cluster, in *eks.UpdateClusterConfigInput) {
	diff.Value(d, "deletionProtection", want.DeletionProtection, aws.Bool(aws.ToBool(c.DeletionProtection)), &in.DeletionProtection)
}

// planAuthentication goes one step at a time, from the config map towards the API.
func planAuthentication(d *diff.Fields, want v1alpha1.EKSClusterParameters, c *types.Cluster, in *eks.UpdateClusterConfigInput) {
	have := modeOf(c)
	if want.AuthenticationMode == "" || slices.Index(modes(), want.AuthenticationMode) <= slices.Index(modes(), have) {
		return
	}
	*d = append(*d, "authenticationMode")
	step := modes()[slices.Index(modes(), have)+1]
	in.AccessConfig = &types.UpdateAccessConfigRequest{AuthenticationMode: types.AuthenticationMode(step)}
}

// modes in the order in which a cluster can go through them.
func modes() []string {
	return []string{v1alpha1.ModeConfigMap, v1alpha1.ModeBoth, v1alpha1.ModeAPI}
}

// modeOf returns the mode of a cluster; those that were made before there were
// modes have none.
func modeOf(c *types.Cluster) string {
	if c.AccessConfig == nil || c.AccessConfig.AuthenticationMode == "" {
		return v1alpha1.ModeConfigMap
	}
	return string(c.AccessConfig.AuthenticationMode)
}

func planEndpoint(d *diff.Fields, want v1alpha1.EKSClusterParameters, c *types.Cluster, in *eks.UpdateClusterConfigInput) {
	have, request := vpcOf(c), &types.VpcConfigRequest{}
	before := len(*d)
	diff.Value(d, "endpointPublicAccess", want.EndpointPublicAccess, &have.EndpointPublicAccess, &request.EndpointPublicAccess)
	diff.Value(d, "endpointPrivateAccess", want.EndpointPrivateAccess, &have.EndpointPrivateAccess, &request.EndpointPrivateAccess)
	diff.Set(d, "publicAccessCIDRs", want.PublicAccessCIDRs, have.PublicAccessCidrs, &request.PublicAccessCidrs)
	if len(*d) > before {
		in.ResourcesVpcConfig = request
	}
}

func planVPC(d *diff.Fields, want v1alpha1.EKSClusterParameters, c *types.Cluster, in *eks.UpdateClusterConfigInput) {
	have, request := vpcOf(c), &types.VpcConfigRequest{}
	before := len(*d)
	diff.Set(d, "subnetIDs", want.SubnetIDs, have.SubnetIds, &request.SubnetIds)
	diff.Set(d, "securityGroupIDs", want.SecurityGroupIDs, have.SecurityGroupIds, &request.SecurityGroupIds)
	if len(*d) > before {
		in.ResourcesVpcConfig = request
	}
}

func vpcOf(c *types.Cluster) types.VpcConfigResponse {
	if c.ResourcesVpcConfig == nil {
		return types.VpcConfigResponse{}
	}
	return *c.ResourcesVpcConfig
}

func planLogging(d *diff.Fields, want v1alpha1.EKSClusterParameters, c *types.Cluster, in *eks.UpdateClusterConfigInput) {
	var changed []string
	if diff.Set(d, "logTypes", want.LogTypes, enabledLogs(c), &changed); changed != nil {
		in.Logging = logging(want.LogTypes, enabledLogs(c))
	}
}

func enabledLogs(c *types.Cluster) []string {
	var on []string
	if c.Logging != nil {
		for _, setup := range c.Logging.ClusterLogging {
			for _, t := range setup.Types {
				if aws.ToBool(setup.Enabled) {
					on = append(on, string(t))
				}
			}
		}
	}
	return on
}

// logging switches what is wanted on, and off what is on and not wanted.
func logging(want, have []string) *types.Logging {
	l := &types.Logging{}
	var on, off []types.LogType
	for _, t := range want {
		on = append(on, types.LogType(t))
	}
	for _, t := range have {
		if !slices.Contains(want, t) {
			off = append(off, types.LogType(t))
		}
	}
	if len(on) > 0 {
		l.ClusterLogging = append(l.ClusterLogging, types.LogSetup{Types: on, Enabled: aws.Bool(true)})
	}
	if len(off) > 0 {
		l.ClusterLogging = append(l.ClusterLogging, types.LogSetup{Types: off, Enabled: aws.Bool(false)})
	}
	return l
}

func planSupport(d *diff.Fields, want v1alpha1.EKSClusterParameters, c *types.Cluster, in *eks.UpdateClusterConfigInput) {
	have := ""
	if c.UpgradePolicy != nil {
		have = string(c.UpgradePolicy.SupportType)
	}
	var request *string
	if diff.Text(d, "supportType", want.SupportType, &have, &request); request != nil {
		in.UpgradePolicy = &types.UpgradePolicyRequest{SupportType: types.SupportType(*request)}
	}
}

// fixedCluster lists what differs and can't be changed.
func fixedCluster(want v1alpha1.EKSClusterParameters, c *types.Cluster) []string {
	var d diff.Fields
	if given := want.RoleARN; given != "" && !sameRole(given, c.RoleArn) {
		diff.FixedText(&d, "roleARN", given, c.RoleArn)
	}
	if n := c.KubernetesNetworkConfig; n != nil {
		diff.FixedText(&d, "serviceIPv4CIDR", want.ServiceIPv4CIDR, n.ServiceIpv4Cidr)
	}
	diff.FixedText(&d, "kmsKeyARN", want.KMSKeyARN, keyOf(c))
	if have := aws.ToString(c.Version); newer(have, want.Version) {
		d = append(d, fmt.Sprintf("version (%s → %s)", have, want.Version))
	}
	if have := modeOf(c); want.AuthenticationMode != "" && slices.Index(modes(), want.AuthenticationMode) < slices.Index(modes(), have) {
		d = append(d, fmt.Sprintf("authenticationMode (%s → %s)", have, want.AuthenticationMode))
	}
	return d
}

func keyOf(c *types.Cluster) *string {
	for _, e := range c.EncryptionConfig {
		if e.Provider != nil {
			return e.Provider.KeyArn
		}
	}
	return nil
}
