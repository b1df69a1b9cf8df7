// SPDX-License-Identifier: Apache-2.0

package eks

import (
	"strconv"
	"time"
)

// States of clusters and node groups, of
// https://docs.aws.amazon.com/eks/latest/APIReference/API_Cluster.html and
// API_Nodegroup.html. A node group's failures have states of their own.
const (
	creating = "CREATING"
	active   = "ACTIVE"
	updating = "UPDATING"
	deleting = "DELETING"
	failed   = "FAILED"
	degraded = "DEGRADED"
)

// moment is a time as the protocol writes it, in seconds.
type moment time.Time

// MarshalJSON writes the seconds since 1970.
func (m moment) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(time.Time(m).UnixMilli())/1000, 'f', 3, 64), nil
}

// UnmarshalJSON leaves times alone, which nobody may change.
func (m *moment) UnmarshalJSON([]byte) error { return nil }

// clusterView is a cluster as the API shows it.
type clusterView struct {
	Name               string            `json:"name"`
	Arn                string            `json:"arn"`
	CreatedAt          moment            `json:"createdAt"`
	Version            string            `json:"version"`
	PlatformVersion    string            `json:"platformVersion"`
	Status             string            `json:"status"`
	RoleArn            string            `json:"roleArn"`
	Endpoint           string            `json:"endpoint,omitempty"`
	Authority          authority         `json:"certificateAuthority"`
	VPC                vpcView           `json:"resourcesVpcConfig"`
	Network            network           `json:"kubernetesNetworkConfig"`
	Logging            logging           `json:"logging"`
	Access             accessConfig      `json:"accessConfig"`
	Upgrade            upgradePolicy     `json:"upgradePolicy"`
	Encryption         []encryption      `json:"encryptionConfig,omitempty"`
	DeletionProtection bool              `json:"deletionProtection"`
	Health             health            `json:"health"`
	Token              string            `json:"clientRequestToken,omitempty"`
	Tags               map[string]string `json:"tags"`
}

type authority struct {
	Data string `json:"data,omitempty"` // PEM, base64
}

type vpcView struct {
	SubnetIDs             []string `json:"subnetIds"`
	SecurityGroupIDs      []string `json:"securityGroupIds"`
	ClusterSecurityGroup  string   `json:"clusterSecurityGroupId,omitempty"`
	VPC                   string   `json:"vpcId"`
	EndpointPublicAccess  bool     `json:"endpointPublicAccess"`
	EndpointPrivateAccess bool     `json:"endpointPrivateAccess"`
	PublicAccessCIDRs     []string `json:"publicAccessCidrs"`
}

type network struct {
	ServiceIPv4CIDR string `json:"serviceIpv4Cidr,omitempty"`
	IPFamily        string `json:"ipFamily,omitempty"`
}

type logging struct {
	ClusterLogging []logSetup `json:"clusterLogging"`
}

type logSetup struct {
	Types   []string `json:"types"`
	Enabled bool     `json:"enabled"`
}

type accessConfig struct {
	Bootstrap *bool  `json:"bootstrapClusterCreatorAdminPermissions,omitempty"`
	Mode      string `json:"authenticationMode,omitempty"`
}

type upgradePolicy struct {
	SupportType string `json:"supportType,omitempty"`
}

type encryption struct {
	Resources []string `json:"resources"`
	Provider  struct {
		KeyArn string `json:"keyArn"`
	} `json:"provider"`
}

type health struct {
	Issues []issue `json:"issues"`
}

type issue struct {
	Code        string   `json:"code"`
	Message     string   `json:"message"`
	ResourceIDs []string `json:"resourceIds"`
}

// nodegroupView is a node group as the API shows it.
type nodegroupView struct {
	NodegroupName  string            `json:"nodegroupName"`
	NodegroupArn   string            `json:"nodegroupArn"`
	ClusterName    string            `json:"clusterName"`
	Version        string            `json:"version"`
	ReleaseVersion string            `json:"releaseVersion"`
	CreatedAt      moment            `json:"createdAt"`
	ModifiedAt     moment            `json:"modifiedAt"`
	Status         string            `json:"status"`
	CapacityType   string            `json:"capacityType"`
	Scaling        scaling           `json:"scalingConfig"`
	InstanceTypes  []string          `json:"instanceTypes"`
	Subnets        []string          `json:"subnets"`
	AMIType        string            `json:"amiType"`
	NodeRole       string            `json:"nodeRole"`
	Labels         map[string]string `json:"labels"`
	Taints         []taint           `json:"taints"`
	DiskSize       int32             `json:"diskSize"`
	Health         health            `json:"health"`
	Update         updateConfig      `json:"updateConfig"`
	Repair         *repairConfig     `json:"nodeRepairConfig,omitempty"`
	Tags           map[string]string `json:"tags"`
}

type scaling struct {
	MinSize     *int32 `json:"minSize,omitempty"`
	MaxSize     *int32 `json:"maxSize,omitempty"`
	DesiredSize *int32 `json:"desiredSize,omitempty"`
}

type taint struct {
	Key    string `json:"key"`
	Value  string `json:"value,omitempty"`
	Effect string `json:"effect"`
}

type updateConfig struct {
	MaxUnavailable           *int32 `json:"maxUnavailable,omitempty"`
	MaxUnavailablePercentage *int32 `json:"maxUnavailablePercentage,omitempty"`
}

type repairConfig struct {
	Enabled *bool `json:"enabled,omitempty"`
}

// updateView is a change under way, or one that has ended.
type updateView struct {
	ID        string      `json:"id"`
	Status    string      `json:"status"`
	Type      string      `json:"type"`
	Params    []parameter `json:"params"`
	CreatedAt moment      `json:"createdAt"`
	Errors    []issue     `json:"errors"`
}

type parameter struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

type updateResult struct {
	Update updateView `json:"update"`
}

type clusterResult struct {
	Cluster clusterView `json:"cluster"`
}

type nodegroupResult struct {
	Nodegroup nodegroupView `json:"nodegroup"`
}
