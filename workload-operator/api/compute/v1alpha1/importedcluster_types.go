// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// ImportedClusterSpec says how a cluster that is there is reached, by whom, and
// who may claim it. There is no Provider: nothing is asked of a cloud.
//
// +kubebuilder:validation:XValidation:rule="self.kubeconfigSecretRef.name != self.operatorKubeconfigSecretRef.name || self.kubeconfigSecretRef.key != self.operatorKubeconfigSecretRef.key",message="whoever claims the cluster may not have what operators have: give two kubeconfigs, of two identities"
type ImportedClusterSpec struct {
	v1alpha1.BindingSpec `json:",inline"`

	// KubeconfigSecretRef names the key of a Secret, in workload-operator's own
	// namespace, with the kubeconfig that whoever claims the cluster gets. It holds
	// a token or a client certificate; programs, plugins and files of another machine
	// are refused.
	KubeconfigSecretRef v1alpha1.SecretKeyReference `json:"kubeconfigSecretRef"`

	// OperatorKubeconfigSecretRef names the key of a Secret, likewise, with the
	// kubeconfig by which applications are put on the cluster. It is of another
	// identity, with the rights in charts/workload-operator/target/rights.yaml, and
	// never in a claim's secret.
	OperatorKubeconfigSecretRef v1alpha1.SecretKeyReference `json:"operatorKubeconfigSecretRef"`

	// Location says where the cluster is: an application and the services that it
	// uses are placed by it. Absent: nothing is known of that.
	// +optional
	Location *v1alpha1.Location `json:"location,omitempty"`

	// Network says where traffic from what runs on the cluster comes from: classes
	// open the path to a database for it. Absent: nothing is known of that.
	// +optional
	Network *v1alpha1.Network `json:"network,omitempty"`

	// Reach says from where the API server can be reached. Absent: Network.
	// +optional
	Reach v1alpha1.Reach `json:"reach,omitempty"`
}

// ImportedClusterObservation is what the cluster says of itself.
type ImportedClusterObservation struct {
	// ClusterUID is the cluster's identity: the uid of its namespace kube-system.
	// Kubeconfigs that lead to another cluster are refused from then on.
	// +optional
	ClusterUID string `json:"clusterUID,omitempty"`

	// Version of Kubernetes there, for example v1.37.1.
	// +optional
	Version string `json:"version,omitempty"`

	// Endpoint is the URL of the API server as whoever claims the cluster gets it.
	// +optional
	Endpoint string `json:"endpoint,omitempty"`

	// Username is the name that the cluster has for whoever claims it.
	// +optional
	Username string `json:"username,omitempty"`

	// OperatorUsername is the name that it has for workload-operator.
	// +optional
	OperatorUsername string `json:"operatorUsername,omitempty"`
}

// ImportedClusterStatus says what is known of the cluster.
type ImportedClusterStatus struct {
	v1alpha1.ManagedStatus `json:",inline"`

	// AtProvider is what the cluster says of itself.
	// +optional
	AtProvider ImportedClusterObservation `json:"atProvider,omitempty"`
}

// ImportedCluster is a Kubernetes cluster that somebody else made and looks after:
// two kubeconfigs, and nothing else. It satisfies claims of kind KubernetesCluster
// that name it or choose it by its labels. Deleting it changes nothing in the
// cluster.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,categories={crossplane,managed},shortName=imported
// +kubebuilder:metadata:labels="crossplane.io/contract=managed"
// +kubebuilder:metadata:labels="crossplane.io/offers=KubernetesCluster"
// +kubebuilder:metadata:labels="crossplane.io/operator=workload-operator"
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Synced",type=string,JSONPath=`.status.conditions[?(@.type=="Synced")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Version",type=string,JSONPath=`.status.atProvider.version`
// +kubebuilder:printcolumn:name="Provider",type=string,JSONPath=`.spec.location.provider`
// +kubebuilder:printcolumn:name="Region",type=string,JSONPath=`.spec.location.region`
// +kubebuilder:printcolumn:name="Claim",type=string,JSONPath=`.spec.claimRef.name`
// +kubebuilder:printcolumn:name="Endpoint",type=string,JSONPath=`.status.atProvider.endpoint`,priority=1
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Synced")].message`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type ImportedCluster struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec ImportedClusterSpec `json:"spec"`

	// +optional
	// +kubebuilder:default={conditions:{{type:"Ready",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"},{type:"Synced",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"}}}
	Status ImportedClusterStatus `json:"status,omitempty"`
}

// ImportedClusterList is a list of ImportedClusters.
//
// +kubebuilder:object:root=true
type ImportedClusterList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []ImportedCluster `json:"items"`
}
