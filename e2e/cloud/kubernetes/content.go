// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"maps"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// keeper is the label of everything that a local cloud keeps in a cluster.
const keeper = "local-cloud"

// Content is what a cloud keeps in a cluster. What is not listed any more goes.
type Content struct {
	Nodes  []Node
	Grants []Grant
}

// Node is a machine that runs nothing: an object that says it is ready, and that
// its pods are.
type Node struct {
	Name    string
	Labels  map[string]string
	Taints  []corev1.Taint
	CPU     string // as a quantity
	Memory  string
	Pods    string
	Version string // of its kubelet, for example v1.35.2
}

// Grant gives a group the rights of a ClusterRole, everywhere or in namespaces.
type Grant struct {
	Name       string // of the binding
	Group      string
	Role       string
	Namespaces []string
}

// apply brings what there is to what is wanted.
func (c Content) apply(ctx context.Context, api client.Client) error {
	return errors.Join(c.applyNodes(ctx, api), c.applyGrants(ctx, api))
}

func (c Content) applyNodes(ctx context.Context, api client.Client) error {
	var have corev1.NodeList
	if err := api.List(ctx, &have, client.HasLabels{keeper}); err != nil {
		return fmt.Errorf("listing nodes: %w", err)
	}
	there := map[string]*corev1.Node{}
	for i := range have.Items {
		there[have.Items[i].Name] = &have.Items[i]
	}
	var errs []error
	for _, want := range c.Nodes {
		errs = append(errs, want.apply(ctx, api, there[want.Name]))
		delete(there, want.Name)
	}
	for _, surplus := range there {
		errs = append(errs, client.IgnoreNotFound(api.Delete(ctx, surplus)))
	}
	return errors.Join(errs...)
}

// apply takes off what admission puts on a new node, too: a taint that somebody
// else would remove once the node is ready.
func (n Node) apply(ctx context.Context, api client.Client, have *corev1.Node) error {
	if have == nil {
		have = &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: n.Name}}
		if err := api.Create(ctx, have); err != nil {
			return fmt.Errorf("making node %s: %w", n.Name, err)
		}
	}
	node := have.DeepCopy()
	node.Labels = maps.Clone(n.Labels)
	if node.Labels == nil {
		node.Labels = map[string]string{}
	}
	node.Labels[keeper], node.Labels[corev1.LabelHostname] = "", n.Name
	node.Spec.Taints = n.Taints
	if err := api.Patch(ctx, node, client.MergeFrom(have)); err != nil {
		return fmt.Errorf("changing node %s: %w", n.Name, err)
	}
	before := node.DeepCopy()
	n.describe(&node.Status)
	if err := api.Status().Patch(ctx, node, client.MergeFrom(before)); err != nil {
		return fmt.Errorf("reporting node %s: %w", n.Name, err)
	}
	return nil
}

// describe says what a kubelet would.
func (n Node) describe(status *corev1.NodeStatus) {
	status.Capacity = corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse(n.CPU), corev1.ResourceMemory: resource.MustParse(n.Memory), corev1.ResourcePods: resource.MustParse(n.Pods),
	}
	status.Allocatable = status.Capacity.DeepCopy()
	status.NodeInfo.KubeletVersion, status.NodeInfo.OperatingSystem, status.NodeInfo.Architecture = n.Version, "linux", "amd64"
	if len(status.Conditions) == 0 {
		status.Conditions = []corev1.NodeCondition{{
			Type: corev1.NodeReady, Status: corev1.ConditionTrue, Reason: "KubeletReady", Message: "kubelet is posting ready status",
			LastTransitionTime: metav1.Now(), LastHeartbeatTime: metav1.Now(),
		}}
	}
}

// applyGrants makes bindings, and removes those that nobody wants any more. A
// namespace that is not there gets its binding when it is.
func (c Content) applyGrants(ctx context.Context, api client.Client) error {
	wanted := map[client.ObjectKey]client.Object{}
	for _, g := range c.Grants {
		for _, o := range g.bindings() {
			wanted[client.ObjectKeyFromObject(o)] = o
		}
	}
	var errs []error
	for _, o := range wanted {
		err := api.Create(ctx, o)
		if err != nil && !apierrors.IsAlreadyExists(err) && !apierrors.IsNotFound(err) {
			errs = append(errs, fmt.Errorf("granting %s: %w", o.GetName(), err))
		}
	}
	for _, list := range []client.ObjectList{&rbacv1.ClusterRoleBindingList{}, &rbacv1.RoleBindingList{}} {
		errs = append(errs, removeOthers(ctx, api, list, wanted))
	}
	return errors.Join(errs...)
}

func (g Grant) bindings() []client.Object {
	meta := metav1.ObjectMeta{Name: g.Name, Labels: map[string]string{keeper: ""}}
	role := rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: g.Role}
	subjects := []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind, Name: g.Group}}
	if len(g.Namespaces) == 0 {
		return []client.Object{&rbacv1.ClusterRoleBinding{ObjectMeta: meta, RoleRef: role, Subjects: subjects}}
	}
	var out []client.Object
	for _, namespace := range g.Namespaces {
		meta.Namespace = namespace
		out = append(out, &rbacv1.RoleBinding{ObjectMeta: *meta.DeepCopy(), RoleRef: role, Subjects: subjects})
	}
	return out
}

func removeOthers(ctx context.Context, api client.Client, list client.ObjectList, wanted map[client.ObjectKey]client.Object) error {
	if err := api.List(ctx, list, client.HasLabels{keeper}); err != nil {
		return fmt.Errorf("listing bindings: %w", err)
	}
	var errs []error
	remove := func(o client.Object) {
		if wanted[client.ObjectKeyFromObject(o)] == nil {
			errs = append(errs, client.IgnoreNotFound(api.Delete(ctx, o)))
		}
	}
	switch l := list.(type) {
	case *rbacv1.ClusterRoleBindingList:
		for i := range l.Items {
			remove(&l.Items[i])
		}
	case *rbacv1.RoleBindingList:
		for i := range l.Items {
			remove(&l.Items[i])
		}
	}
	return errors.Join(errs...)
}
