// SPDX-License-Identifier: Apache-2.0

package target

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	contractapi "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// access is how a target is reached, and what is known of its network.
type access struct {
	kubeconfig []byte
	network    *contractapi.Network
}

// access reads how a target is reached from the API server itself: memory is no
// place for credentials.
func (r *Reconciler) access(ctx context.Context, t *v1alpha1.KubernetesTarget) (access, error) {
	if ref := t.Spec.KubeconfigSecretRef; ref != nil {
		secret := &corev1.Secret{}
		err := r.Live.Get(ctx, client.ObjectKey{Namespace: r.Namespace, Name: ref.Name}, secret)
		if client.IgnoreNotFound(err) != nil {
			return access{}, fmt.Errorf("reading secret %s: %w", ref.Name, err)
		}
		if err != nil || len(secret.Data[ref.Key]) == 0 {
			return access{}, missing("there is no key %s in a secret %s in namespace %s", ref.Key, ref.Name, r.Namespace)
		}
		return access{kubeconfig: secret.Data[ref.Key], network: t.Spec.Network}, nil
	}
	return r.managed(ctx, t)
}

// managed reads the kubeconfig that the operator of a managed cluster keeps for
// those who run applications there.
func (r *Reconciler) managed(ctx context.Context, t *v1alpha1.KubernetesTarget) (access, error) {
	ref := t.Spec.ClusterRef
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(schema.FromAPIVersionAndKind(ref.APIVersion, ref.Kind))
	err := r.Live.Get(ctx, client.ObjectKey{Name: ref.Name}, object)
	switch {
	case apierrors.IsNotFound(err) || meta.IsNoMatchError(err):
		return access{}, missing("there is no %s %s", ref.Kind, ref.Name)
	case apierrors.IsForbidden(err):
		return access{}, missing("workload-operator may not read %s %s: the operator's chart grants that for its clusters", ref.Kind, ref.Name)
	case err != nil:
		return access{}, fmt.Errorf("reading %s %s: %w", ref.Kind, ref.Name, err)
	}
	m, err := contract.FromUnstructured(object)
	if err != nil {
		return access{}, missing("%s %s is no managed resource", ref.Kind, ref.Name)
	}
	found := access{network: t.Spec.Network}
	if found.network == nil {
		found.network = m.Status.Network
	}
	found.kubeconfig, err = r.kept(ctx, m)
	return found, err
}

// kept returns the kubeconfig in the connection secret of m, which has to be m's own.
func (r *Reconciler) kept(ctx context.Context, m *contract.Managed) ([]byte, error) {
	ref := m.Status.ConnectionSecretRef
	if ref == nil {
		return nil, missing("%s %s has no credentials yet: it is not ready", m.Kind, m.Name)
	}
	secret := &corev1.Secret{}
	err := r.Live.Get(ctx, client.ObjectKey{Namespace: ref.Namespace, Name: ref.Name}, secret)
	switch {
	case client.IgnoreNotFound(err) != nil:
		return nil, fmt.Errorf("reading the connection secret of %s %s: %w", m.Kind, m.Name, err)
	case err != nil || !m.Owns(secret) || len(secret.Data[contractapi.KeyOperatorKubeconfig]) == 0:
		return nil, missing("the connection secret of %s %s has no kubeconfig for operators", m.Kind, m.Name)
	}
	return secret.Data[contractapi.KeyOperatorKubeconfig], nil
}

func missing(format string, args ...any) error {
	return fault.New(fault.Dependency, v1alpha1.ReasonKubeconfigMissing, format, args...)
}
