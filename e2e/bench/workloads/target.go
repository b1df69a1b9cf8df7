// SPDX-License-Identifier: Apache-2.0

package workloads

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/e2e/stack"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/connection"
)

// key of the kubeconfig in a target's secret.
const key = "value"

// target is a way to the cluster that passes for a cluster: its name is also that
// of its namespace, here and there, and of its account.
type target struct {
	name  string
	relay *relay
	// session is what the token of now is bound to, on the cluster: it ends with it.
	session *corev1.Secret
}

// newTarget makes a target and what it takes: a way, an account, a token.
func (w *world) newTarget(ctx context.Context, name string) (*target, error) {
	at, err := url.Parse(w.cluster.Config.Host)
	if err != nil {
		return nil, fmt.Errorf("reading the cluster's address: %w", err)
	}
	way, err := newRelay(ctx, at.Host)
	if err != nil {
		return nil, err
	}
	t := &target{name: name, relay: way}
	if err := w.there.Create(ctx, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: accounts, Name: name}}); err != nil {
		return nil, fmt.Errorf("making an account: %w", err)
	}
	kubeconfig, err := w.login(ctx, t)
	if err != nil {
		return nil, err
	}
	made := &workload.KubernetesTarget{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: workload.KubernetesTargetSpec{
		KubeconfigSecretRef: &v1alpha1.SecretKeyReference{Name: name, Key: key},
		AllowedNamespaces:   &v1alpha1.BindableBy{Namespaces: []string{name}},
	}}
	err = errors.Join(
		w.hub.Client.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}),
		w.hub.Client.Create(ctx, secretOf(name, kubeconfig)),
		w.hub.Client.Create(ctx, made),
	)
	if err != nil {
		return nil, fmt.Errorf("making it: %w", err)
	}
	return t, nil
}

func secretOf(name string, kubeconfig []byte) *corev1.Secret {
	return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: stack.Namespace, Name: name}, Data: map[string][]byte{key: kubeconfig}}
}

// login returns a kubeconfig with a new token of a target's account.
func (w *world) login(ctx context.Context, t *target) ([]byte, error) {
	session := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: accounts, GenerateName: t.name + "-"}}
	if err := w.there.Create(ctx, session); err != nil {
		return nil, fmt.Errorf("beginning a session: %w", err)
	}
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{BoundObjectRef: &authenticationv1.BoundObjectReference{
		APIVersion: "v1", Kind: "Secret", Name: session.Name, UID: session.UID,
	}}}
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: accounts, Name: t.name}}
	if err := w.there.SubResource("token").Create(ctx, account, request); err != nil {
		return nil, fmt.Errorf("asking for a token: %w", err)
	}
	t.session = session
	kubeconfig, err := connection.Kubeconfig(t.name, "https://"+t.relay.address, w.cluster.Config.CAData, request.Status.Token)
	if err != nil {
		return nil, fmt.Errorf("writing a kubeconfig: %w", err)
	}
	return kubeconfig, nil
}

// renew gives a target's kubeconfig another token, and returns what ends the one
// from before.
func (w *world) renew(ctx context.Context, t *target) (end func(context.Context) error, err error) {
	before := t.session
	kubeconfig, err := w.login(ctx, t)
	if err != nil {
		return nil, err
	}
	if err := w.hub.Client.Update(ctx, secretOf(t.name, kubeconfig)); err != nil {
		return nil, fmt.Errorf("renewing a kubeconfig: %w", err)
	}
	return func(ctx context.Context) error { return w.there.Delete(ctx, before) }, nil
}

// awaitTargets waits until all targets are ready.
func (w *world) awaitTargets(ctx context.Context) error {
	return await(ctx, "all targets are ready", func(ctx context.Context) (bool, error) {
		list := &workload.KubernetesTargetList{}
		if err := w.hub.Client.List(ctx, list, &client.ListOptions{Raw: &metav1.ListOptions{ResourceVersion: "0"}}); err != nil {
			return false, fmt.Errorf("listing targets: %w", err)
		}
		ready := 0
		for i := range list.Items {
			c := list.Items[i].Status.Conditions
			if meta.IsStatusConditionTrue(c, v1alpha1.ConditionReady) && meta.IsStatusConditionTrue(c, v1alpha1.ConditionSynced) {
				ready++
			}
		}
		return ready == len(w.targets), nil
	})
}
