// SPDX-License-Identifier: Apache-2.0

package imported

import (
	"context"
	"maps"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/workload-operator/api/compute/v1alpha1"
)

// keyCluster is, in connection details, the cluster's name.
const keyCluster = "cluster"

// look asks the cluster, by both ways, what it is and for whom it takes whoever
// asks. What may not be handed out is an error. Errors are fault.Errors.
func (w *ways) look(ctx context.Context, c *v1alpha1.ImportedCluster) (*v1alpha1.ImportedClusterObservation, error) {
	seen := &v1alpha1.ImportedClusterObservation{Endpoint: w.claimed.config.Host}
	var err error
	if seen.ClusterUID, err = w.operator.connection.ClusterUID(ctx); err != nil {
		return nil, w.operator.blame(err)
	}
	if was := c.Status.AtProvider.ClusterUID; was != "" && was != seen.ClusterUID {
		return nil, fault.New(fault.Invalid, workload.ReasonClusterChanged,
			"%s leads to another cluster (%s) than before (%s); give back the former one, or make another ImportedCluster for the new cluster",
			w.operator.field, seen.ClusterUID, was)
	}
	if seen.Version, err = w.operator.connection.Version(ctx); err != nil {
		return nil, w.operator.blame(err)
	}
	if seen.OperatorUsername, err = w.operator.username(ctx); err != nil {
		return nil, err
	}
	if seen.Username, err = w.claimed.username(ctx); err != nil {
		return nil, err
	}
	return seen, w.agree(ctx, seen)
}

// username asks who the cluster takes the way's user for.
func (w way) username(ctx context.Context) (string, error) {
	known, err := w.connection.Username(ctx)
	switch {
	case apierrors.IsNotFound(err):
		return "", fault.New(fault.Invalid, workload.ReasonIdentityUnknown,
			"%s: the cluster can't tell whose the credentials are; Kubernetes can from version 1.28 on", w.field)
	case err != nil:
		return "", w.blame(err)
	}
	return known, nil
}

// agree says why the two ways do not lead to the one cluster, as two identities.
func (w *ways) agree(ctx context.Context, seen *v1alpha1.ImportedClusterObservation) error {
	if seen.Username == seen.OperatorUsername {
		return fault.New(fault.Invalid, workload.ReasonIdentityShared,
			"both kubeconfigs are of %s: whoever claims the cluster would have what operators have; put the kubeconfig of a lesser identity into secret %s",
			seen.Username, w.claimed.secret)
	}
	uid, err := w.claimed.connection.ClusterUID(ctx)
	switch {
	case apierrors.IsForbidden(err) && w.claimed.config.Host == w.operator.config.Host:
		return nil // it may not ask, and asked the same one
	case apierrors.IsForbidden(err):
		return fault.New(fault.Invalid, workload.ReasonClustersDiffer,
			"the two kubeconfigs have different servers, and that of %s may not see whether it is one cluster: give both the same server, or let %s get the namespace kube-system",
			w.claimed.field, seen.Username)
	case err != nil:
		return w.claimed.blame(err)
	case uid != seen.ClusterUID:
		return fault.New(fault.Invalid, workload.ReasonClustersDiffer,
			"the two kubeconfigs lead to different clusters: %s to %s, %s to %s", w.claimed.field, uid, w.operator.field, seen.ClusterUID)
	}
	return nil
}

// secret are the connection details that are secret.
func (w *ways) secret() map[string][]byte {
	details := map[string][]byte{
		contract.KeyKubeconfig:         w.claimed.kubeconfig,
		contract.KeyOperatorKubeconfig: w.operator.kubeconfig,
	}
	if token := w.claimed.config.BearerToken; token != "" {
		details[contract.KeyToken] = []byte(token)
	}
	return details
}

// public are those that are not.
func (w *ways) public(c *v1alpha1.ImportedCluster) map[string]string {
	details := map[string]string{
		contract.KeyType:     "kubernetes",
		contract.KeyEndpoint: w.claimed.config.Host,
		contract.KeyCA:       string(w.claimed.config.CAData),
		keyCluster:           c.Name,
	}
	if at := c.Spec.Location; at != nil {
		details[contract.KeyProvider], details[contract.KeyRegion] = at.Provider, at.Region
	}
	maps.DeleteFunc(details, func(_, value string) bool { return value == "" })
	return details
}
