// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// NodePool is what every group of machines has that are nodes of a cluster. A
// field that is left out is Azure's to choose: it is neither sent nor compared.
// Fields that are said to be fixed are set when the pool is created; a later
// change is reported and never carried out.
type NodePool struct {
	// VMSize is the size of the machines, for example Standard_D2s_v5. Fixed.
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_-]+$`
	// +kubebuilder:validation:MaxLength=64
	VMSize string `json:"vmSize"`

	// Count is how many nodes there are. It can change. Absent: 1 to begin with,
	// then what anybody says; with autoscaling, as many as that says.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000
	Count *int32 `json:"count,omitempty"`

	// Autoscaling lets the cluster's own autoscaler decide how many nodes there
	// are. It can change, and is switched off where count is given instead.
	// Absent, like count: what the pool has is left alone.
	// +optional
	Autoscaling *Autoscaling `json:"autoscaling,omitempty"`

	// OSDiskSizeGB of each node's disk. Fixed. Absent: what goes with the size of
	// the machine.
	// +optional
	// +kubebuilder:validation:Minimum=30
	// +kubebuilder:validation:Maximum=2048
	OSDiskSizeGB *int32 `json:"osDiskSizeGB,omitempty"`

	// OSDiskType says whether the disk is the machine's own or one in the network.
	// Fixed. Absent: Ephemeral where the machine has room for it.
	// +optional
	// +kubebuilder:validation:Enum=Ephemeral;Managed
	OSDiskType string `json:"osDiskType,omitempty"`

	// OSSKU is the system that the nodes run. Fixed. Absent: Ubuntu.
	// +optional
	// +kubebuilder:validation:Enum=Ubuntu;Ubuntu2204;Ubuntu2404;AzureLinux;AzureLinux3
	OSSKU string `json:"osSKU,omitempty"`

	// Zones are the availability zones that nodes are spread over. Fixed. Absent:
	// none in particular.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=3
	// +kubebuilder:validation:items:Enum="1";"2";"3"
	Zones []string `json:"zones,omitempty"`

	// MaxPods is how many pods a node takes at most. Fixed. Absent: what goes
	// with the network plugin.
	// +optional
	// +kubebuilder:validation:Minimum=10
	// +kubebuilder:validation:Maximum=250
	MaxPods *int32 `json:"maxPods,omitempty"`

	// VnetSubnetID is the subnet that the nodes are in. Fixed. Absent: one that
	// AKS makes.
	// +optional
	// +kubebuilder:validation:Pattern=`^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.Network/virtualNetworks/[^/]+/subnets/[^/]+$`
	// +kubebuilder:validation:MaxLength=512
	VnetSubnetID string `json:"vnetSubnetID,omitempty"`

	// Labels of the nodes. They can change; others that the pool has are taken
	// off. Absent: what it has is left alone.
	// +optional
	// +kubebuilder:validation:MaxProperties=32
	// +kubebuilder:validation:XValidation:rule="self.all(k, size(k) >= 1 && size(k) <= 317 && size(self[k]) <= 63)",message="label keys have 1 to 317 characters, values up to 63"
	// +kubebuilder:validation:XValidation:rule="self.all(k, !k.startsWith('kubernetes.azure.com/'))",message="labels that begin with kubernetes.azure.com/ are AKS's own"
	Labels map[string]LabelValue `json:"labels,omitzero"`

	// Taints of the nodes. They can change; others that the pool has are taken
	// off. Absent: what it has is left alone.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	Taints []Taint `json:"taints,omitzero"`

	// UpgradeSettings say how nodes are replaced in an upgrade. They can change.
	// Absent: AKS's own.
	// +optional
	UpgradeSettings *UpgradeSettings `json:"upgradeSettings,omitempty"`
}

// Autoscaling bounds how many nodes a pool has.
//
// +kubebuilder:validation:XValidation:rule="self.min <= self.max",message="min must not be greater than max"
type Autoscaling struct {
	// Min is how many nodes there are at least. A pool of mode System has one.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000
	Min int32 `json:"min"`

	// Max is how many nodes there are at most.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	Max int32 `json:"max"`
}

// LabelValue is the value of a label, at most 63 characters.
// +kubebuilder:validation:MaxLength=63
type LabelValue string

// Taint keeps pods away from nodes.
type Taint struct {
	// Key of the taint.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Key string `json:"key"`

	// Value of the taint. Absent: none.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	Value string `json:"value,omitempty"`

	// Effect on pods that do not tolerate it.
	// +kubebuilder:validation:Enum=NoSchedule;PreferNoSchedule;NoExecute
	Effect string `json:"effect"`
}

// UpgradeSettings say how nodes are replaced in an upgrade.
type UpgradeSettings struct {
	// MaxSurge is how many nodes are added meanwhile, as a number or in per cent of
	// the pool: "1", "33%". Absent: 10%.
	// +optional
	// +kubebuilder:validation:Pattern=`^[0-9]{1,3}%?$`
	// +kubebuilder:validation:MaxLength=4
	MaxSurge string `json:"maxSurge,omitempty"`

	// DrainTimeoutMinutes is how long pods have to leave a node; after that the
	// upgrade fails. Absent: 30.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1440
	DrainTimeoutMinutes *int32 `json:"drainTimeoutMinutes,omitempty"`
}

// TagValue is the value of a tag, at most 256 characters.
// +kubebuilder:validation:MaxLength=256
type TagValue string
