// SPDX-License-Identifier: Apache-2.0

package wire

// NodePool is a group of nodes.
type NodePool struct {
	Name              string               `json:"name,omitempty"`
	Status            string               `json:"status,omitempty"`
	Conditions        []StatusCondition    `json:"conditions,omitempty"`
	Version           string               `json:"version,omitempty"`
	InitialNodeCount  int64                `json:"initialNodeCount,omitempty"`
	Locations         []string             `json:"locations,omitempty"`
	Config            *NodeConfig          `json:"config,omitempty"`
	Autoscaling       *NodePoolAutoscaling `json:"autoscaling,omitempty"`
	Management        *NodeManagement      `json:"management,omitempty"`
	MaxPodsConstraint *MaxPods             `json:"maxPodsConstraint,omitempty"`
	UpgradeSettings   *UpgradeSettings     `json:"upgradeSettings,omitempty"`
	SelfLink          string               `json:"selfLink,omitempty"`
}

// NodeConfig is what nodes are.
type NodeConfig struct {
	MachineType    string            `json:"machineType,omitempty"`
	DiskSizeGb     int64             `json:"diskSizeGb,omitempty"`
	DiskType       string            `json:"diskType,omitempty"`
	ImageType      string            `json:"imageType,omitempty"`
	Spot           bool              `json:"spot,omitempty"`
	ServiceAccount string            `json:"serviceAccount,omitempty"`
	OauthScopes    []string          `json:"oauthScopes,omitempty"`
	Tags           []string          `json:"tags,omitempty"`
	Labels         map[string]string `json:"labels,omitempty"`
	Taints         []Taint           `json:"taints,omitempty"`
	ResourceLabels map[string]string `json:"resourceLabels,omitempty"`
}

// Taint keeps pods away.
type Taint struct {
	Key    string `json:"key,omitempty"`
	Value  string `json:"value,omitempty"`
	Effect string `json:"effect,omitempty"`
}

// NodePoolAutoscaling bounds how many nodes there are.
type NodePoolAutoscaling struct {
	Enabled           bool   `json:"enabled,omitempty"`
	MinNodeCount      int64  `json:"minNodeCount,omitempty"`
	MaxNodeCount      int64  `json:"maxNodeCount,omitempty"`
	TotalMinNodeCount int64  `json:"totalMinNodeCount,omitempty"`
	TotalMaxNodeCount int64  `json:"totalMaxNodeCount,omitempty"`
	LocationPolicy    string `json:"locationPolicy,omitempty"`
	Autoprovisioned   bool   `json:"autoprovisioned,omitempty"`
}

// NodeManagement is what GKE does by itself.
type NodeManagement struct {
	AutoUpgrade bool `json:"autoUpgrade,omitempty"`
	AutoRepair  bool `json:"autoRepair,omitempty"`
}

// MaxPods is how many pods a node has.
type MaxPods struct {
	MaxPodsPerNode int64 `json:"maxPodsPerNode,omitempty,string"`
}

// UpgradeSettings say how nodes are replaced.
type UpgradeSettings struct {
	Strategy       string `json:"strategy,omitempty"`
	MaxSurge       int64  `json:"maxSurge,omitempty"`
	MaxUnavailable int64  `json:"maxUnavailable,omitempty"`
}

// ListNodePoolsResponse is a list of node pools.
type ListNodePoolsResponse struct {
	NodePools []*NodePool `json:"nodePools,omitempty"`
}

// Operation is something that takes GKE some time.
type Operation struct {
	Name          string  `json:"name,omitempty"`
	OperationType string  `json:"operationType,omitempty"`
	Status        string  `json:"status,omitempty"`
	Location      string  `json:"location,omitempty"`
	StartTime     string  `json:"startTime,omitempty"`
	EndTime       string  `json:"endTime,omitempty"`
	TargetLink    string  `json:"targetLink,omitempty"`
	SelfLink      string  `json:"selfLink,omitempty"`
	Error         *Status `json:"error,omitempty"`
}

// Status is why an operation failed.
type Status struct {
	Code    int64  `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
}

// ListOperationsResponse is a list of operations.
type ListOperationsResponse struct {
	Operations []*Operation `json:"operations,omitempty"`
}
