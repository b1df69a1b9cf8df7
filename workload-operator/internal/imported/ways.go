// SPDX-License-Identifier: Apache-2.0

package imported

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/workload-operator/api/compute/v1alpha1"
	"github.com/crossplaneio/crossplane/workload-operator/internal/remote"
)

// The fields of the spec that name the secrets.
const (
	fieldClaimed  = "spec.kubeconfigSecretRef"
	fieldOperator = "spec.operatorKubeconfigSecretRef"
)

// way leads to a cluster, as somebody.
type way struct {
	field      string // of the spec, that names the secret
	secret     string // its name
	kubeconfig []byte // without what else is in that secret's
	config     *rest.Config
	connection *remote.Connection
}

// ways are the two that lead to an imported cluster.
type ways struct {
	claimed  way // of whoever claims the cluster
	operator way // of this operator
}

// ways reads both kubeconfigs from the API server itself, memory being no place for
// credentials, and connects. Nobody is asked anything yet.
func (r *Reconciler) ways(ctx context.Context, c *v1alpha1.ImportedCluster) (*ways, error) {
	claimed, err := r.way(ctx, c, fieldClaimed, c.Spec.KubeconfigSecretRef)
	if err != nil {
		return nil, err
	}
	operator, err := r.way(ctx, c, fieldOperator, c.Spec.OperatorKubeconfigSecretRef)
	if err != nil {
		return nil, err
	}
	return &ways{claimed: claimed, operator: operator}, nil
}

func (r *Reconciler) way(ctx context.Context, c *v1alpha1.ImportedCluster, field string, ref contract.SecretKeyReference) (way, error) {
	w := way{field: field, secret: ref.Name}
	content, err := r.content(ctx, field, ref)
	if err != nil {
		return way{}, err
	}
	if w.config, err = remote.ParseKubeconfig(content); err != nil {
		return way{}, w.blame(err)
	}
	if w.kubeconfig, err = remote.Sole(content); err != nil {
		return way{}, w.blame(err)
	}
	if w.connection, err = r.Connections.For(name(c.Name, field), w.kubeconfig); err != nil {
		return way{}, w.blame(err)
	}
	return w, nil
}

// content reads a kubeconfig.
func (r *Reconciler) content(ctx context.Context, field string, ref contract.SecretKeyReference) ([]byte, error) {
	secret := &corev1.Secret{}
	err := r.Live.Get(ctx, client.ObjectKey{Namespace: r.Namespace, Name: ref.Name}, secret)
	if client.IgnoreNotFound(err) != nil {
		return nil, fmt.Errorf("reading secret %s: %w", ref.Name, err)
	}
	if err != nil || len(secret.Data[ref.Key]) == 0 {
		return nil, fault.New(fault.Dependency, workload.ReasonKubeconfigMissing,
			"%s: there is no key %s in a secret %s in namespace %s", field, ref.Key, ref.Name, r.Namespace)
	}
	return secret.Data[ref.Key], nil
}

// name is that of a connection: no cluster has a slash in its own.
func name(cluster, field string) string { return cluster + "/" + field }

// drop closes the connections to a cluster.
func (r *Reconciler) drop(cluster string) {
	r.Connections.Drop(name(cluster, fieldClaimed))
	r.Connections.Drop(name(cluster, fieldOperator))
}

// blame returns err as what is wrong with this way, in words for the administrator.
func (w way) blame(err error) error {
	e := *remote.Classify(err)
	switch e.Reason {
	case workload.ReasonUnreachable: // in the same words each time: no local ports
		e.Err = fmt.Errorf("%s: %s", w.field, fault.Unreachable(w.config.Host, err)) //nolint:err113 // for a person
	case workload.ReasonCredentialsRefused:
		e.Err = fmt.Errorf("%s: the cluster does not know its user, or not any more: put a kubeconfig with other credentials into secret %s", w.field, w.secret) //nolint:err113 // for a person
	default:
		e.Err = fmt.Errorf("%s: %w", w.field, e.Err)
	}
	return &e
}
