// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// Chart is a Helm chart to run. It is rendered once for each set of what is said
// here and each minor version of Kubernetes on the target: random passwords in it
// stay until then.
type Chart struct {
	// SourceRef names the ChartSource that the chart comes from.
	SourceRef v1alpha1.Reference `json:"sourceRef"`

	// ConfigMapRef names the key, in binaryData of a ConfigMap in the
	// application's own namespace, that holds the packaged chart. For a source of
	// ConfigMaps, and for no other.
	// +optional
	ConfigMapRef *v1alpha1.ConfigMapKeyReference `json:"configMapRef,omitempty"`

	// Name of the chart.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^[a-zA-Z0-9]([-._a-zA-Z0-9]*[a-zA-Z0-9])?$`
	Name string `json:"name"`

	// Version of the chart, exactly, for example 1.2.3. What is published under a
	// version does not change: another content needs another version.
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^v?[0-9]+\.[0-9]+\.[0-9]+(-[-.0-9A-Za-z]+)?(\+[-.0-9A-Za-z]+)?$`
	Version string `json:"version"`

	// ReleaseName is the name that the chart's templates know the release by.
	// Absent: the application's name.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=53
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`
	ReleaseName string `json:"releaseName,omitempty"`

	// Values that take the place of the chart's own, of 256 KiB at most. Whoever
	// may read the application may read them: passwords belong into a claim.
	// +optional
	Values *ChartValues `json:"values,omitempty"`

	// Hooks says what becomes of objects that Helm would make before or after an
	// installation, an upgrade or a removal, which are not told apart here. Omit:
	// they are left out. Apply: those of installations and upgrades are applied
	// like all other objects, those of removals are left out. Absent: a chart that
	// has any is refused. Tests are always left out.
	// +optional
	Hooks HookPolicy `json:"hooks,omitempty"`
}

// HookPolicy says what becomes of a chart's hooks.
// +kubebuilder:validation:Enum=Omit;Apply
type HookPolicy string

// The policies for hooks.
const (
	// HooksOmit leaves them out.
	HooksOmit HookPolicy = "Omit"
	// HooksApply applies those of installations and upgrades as plain objects.
	HooksApply HookPolicy = "Apply"
)

// ChartValues are values of a chart.
//
// +kubebuilder:validation:Type=object
// +kubebuilder:validation:MaxProperties=1024
// +kubebuilder:pruning:PreserveUnknownFields
type ChartValues struct {
	runtime.RawExtension `json:",inline"`
}

// ChartInUse is the chart that was rendered last.
type ChartInUse struct {
	// Name of the chart.
	Name string `json:"name"`
	// Version of the chart.
	Version string `json:"version"`
	// Digest of the packaged chart: sha256, hexadecimal.
	Digest string `json:"digest"`
	// Rendering says in brief for what it was rendered. Of no use to anyone but
	// workload-operator.
	Rendering string `json:"rendering"`
	// KeptIn is the namespace of the Secret that holds what it was rendered to. Absent:
	// that of connection secrets, as older versions had it.
	// +optional
	KeptIn string `json:"keptIn,omitempty"`
}

// ChartSourceSpec says where charts come from, and who may use them.
//
// +kubebuilder:validation:XValidation:rule="[has(self.oci), has(self.repository), has(self.configMap)].filter(x, x).size() == 1",message="give exactly one of oci, repository and configMap"
type ChartSourceSpec struct {
	// OCI is a registry that holds charts as OCI artifacts.
	// +optional
	OCI *OCISource `json:"oci,omitempty"`

	// Repository is a Helm repository: an index.yaml and what it leads to.
	// +optional
	Repository *RepositorySource `json:"repository,omitempty"`

	// ConfigMap lets applications bring their charts in ConfigMaps of their own
	// namespaces.
	// +optional
	ConfigMap *ConfigMapSource `json:"configMap,omitempty"`

	// AllowedNamespaces says whose applications may use it. An empty or absent one
	// allows nobody's.
	// +optional
	AllowedNamespaces *v1alpha1.BindableBy `json:"allowedNamespaces,omitempty"`
}

// OCISource is a registry that holds charts.
type OCISource struct {
	// URL of the registry and the path before the charts' names, for example
	// oci://ghcr.io/example/charts.
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:Pattern=`^oci://[-.a-z0-9]+(:[0-9]{1,5})?(/[-._a-z0-9]+)*$`
	URL string `json:"url"`

	ServerAccess `json:",inline"`
}

// RepositorySource is a Helm repository.
//
// +kubebuilder:validation:XValidation:rule="self.url.startsWith('https://') || has(self.plainHTTP) && self.plainHTTP",message="plain http has to be allowed by plainHTTP"
type RepositorySource struct {
	// URL under which index.yaml is found.
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:Pattern=`^https?://[-.a-z0-9]+(:[0-9]{1,5})?(/[-._~a-zA-Z0-9]+)*/?$`
	URL string `json:"url"`

	// AlsoFrom are other hosts that the index may lead to, over https and without
	// the credentials, for example github.com. Absent: none.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MaxLength=253
	// +kubebuilder:validation:items:Pattern=`^[-.a-z0-9]+(:[0-9]{1,5})?$`
	AlsoFrom []string `json:"alsoFrom,omitempty"`

	ServerAccess `json:",inline"`
}

// ServerAccess says how a server of charts is talked to.
type ServerAccess struct {
	// CredentialsSecretRef names a Secret in workload-operator's own namespace
	// with the keys username and password. Absent: nobody in particular.
	// +optional
	CredentialsSecretRef *v1alpha1.Reference `json:"credentialsSecretRef,omitempty"`

	// CABundle holds the certificates, PEM, that the server is verified with.
	// Absent: those of the operator's system.
	// +optional
	// +kubebuilder:validation:MaxLength=65536
	CABundle string `json:"caBundle,omitempty"`

	// PlainHTTP says that the server speaks no TLS: charts and credentials can be
	// read and changed on their way. Absent: false.
	// +optional
	PlainHTTP bool `json:"plainHTTP,omitempty"`
}

// ConfigMapSource has nothing to say: the applications name the ConfigMaps.
type ConfigMapSource struct{}

// ChartSource is where applications may take Helm charts from. It does nothing by
// itself, and has no status: an application that can't use it says why.
//
// +kubebuilder:object:root=true
// +kubebuilder:metadata:labels="crossplane.io/operator=workload-operator"
// +kubebuilder:resource:scope=Cluster,categories={crossplane},shortName=chartsrc
// +kubebuilder:printcolumn:name="OCI",type=string,JSONPath=`.spec.oci.url`
// +kubebuilder:printcolumn:name="Repository",type=string,JSONPath=`.spec.repository.url`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type ChartSource struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec is what an administrator says of the source.
	Spec ChartSourceSpec `json:"spec"`
}

// ChartSourceList is a list of ChartSources.
//
// +kubebuilder:object:root=true
type ChartSourceList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	// Items of the list.
	Items []ChartSource `json:"items"`
}
