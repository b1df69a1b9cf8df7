// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// Grant is a namespace on a target, whose it is, and what may be done in it.
type Grant struct {
	// Hub is the identity of this control plane.
	Hub string
	// Tenant is the namespace here that it is for.
	Tenant string
	// Namespace there.
	Namespace string
	// Role is the ClusterRole that the account has in the namespace.
	Role string
	// Reserved says that the namespace there has the name of another tenant's, who
	// would find it taken: it is used where it is there, and not made.
	Reserved bool
}

func (g Grant) labels() map[string]string {
	return map[string]string{v1alpha1.LabelHub: g.Hub, v1alpha1.LabelTenant: g.Tenant}
}

// Prepare makes the namespace, and in it the account and what binds it to its
// role: all that the operator's own identity does on a target. It reports whether
// something had to be made: rights take a moment to come into force then.
func (c *Connection) Prepare(ctx context.Context, g Grant) (made bool, err error) {
	for _, step := range []func(context.Context, Grant) (bool, error){c.namespace, c.account, c.binding} {
		did, err := step(ctx, g)
		if made = made || did; err != nil {
			return made, err
		}
	}
	return made, nil
}

// Return is Prepare for whoever only wants to remove what is there: a namespace
// that is gone, or is somebody else's, holds nothing of the tenant's.
func (c *Connection) Return(ctx context.Context, g Grant) (there, made bool, err error) {
	ns, err := c.owned(ctx, g)
	if fault.Is(err, fault.Exists) {
		return false, false, nil
	}
	if ns == nil || err != nil {
		return false, false, err
	}
	if !ns.DeletionTimestamp.IsZero() {
		return true, false, nil // nothing can be made in it any more
	}
	for _, step := range []func(context.Context, Grant) (bool, error){c.account, c.binding} {
		did, err := step(ctx, g)
		if made = made || did; err != nil {
			return true, made, err
		}
	}
	return true, made, nil
}

// namespace makes the tenant's namespace, or sees that it is the tenant's.
func (c *Connection) namespace(ctx context.Context, g Grant) (bool, error) {
	ns, err := c.owned(ctx, g)
	if err != nil {
		return false, err
	}
	if ns != nil && !ns.DeletionTimestamp.IsZero() {
		return false, fault.New(fault.Dependency, v1alpha1.ReasonTargetNotReady, "the target is deleting the namespace %s", g.Namespace)
	}
	if ns != nil {
		return false, nil
	}
	if g.Reserved {
		return false, fault.New(fault.Exists, v1alpha1.ReasonNamespaceRefused,
			"namespace %s on the target is kept for the applications of the namespace of that name; choose another one in spec.namespace", g.Namespace)
	}
	ctx, cancel := Limited(ctx)
	defer cancel()
	ns = &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: g.Namespace, Labels: g.labels()}}
	_, err = c.typed.CoreV1().Namespaces().Create(ctx, ns, metav1.CreateOptions{FieldManager: FieldManager})
	return true, doing("making the namespace", err)
}

// owned returns the namespace, or nil where there is none. One that does not say
// that it is the tenant's is refused.
func (c *Connection) owned(ctx context.Context, g Grant) (*corev1.Namespace, error) {
	ctx, cancel := Limited(ctx)
	defer cancel()
	ns, err := c.typed.CoreV1().Namespaces().Get(ctx, g.Namespace, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil, nil //nolint:nilnil // absence is an answer
	}
	if err != nil {
		return nil, doing("reading the namespace", err)
	}
	for key, value := range g.labels() {
		if ns.Labels[key] != value {
			return nil, fault.New(fault.Exists, v1alpha1.ReasonNamespaceRefused,
				"the target has a namespace %s that is not for applications of namespace %s; choose another one in spec.namespace", g.Namespace, g.Tenant)
		}
	}
	return ns, nil
}

func (c *Connection) account(ctx context.Context, g Grant) (bool, error) {
	ctx, cancel := Limited(ctx)
	defer cancel()
	accounts := c.typed.CoreV1().ServiceAccounts(g.Namespace)
	_, err := accounts.Get(ctx, Account, metav1.GetOptions{})
	if !apierrors.IsNotFound(err) {
		return false, doing("reading the service account", err)
	}
	// It is only impersonated: no pod needs its token.
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: Account}, AutomountServiceAccountToken: new(false)}
	_, err = accounts.Create(ctx, account, metav1.CreateOptions{FieldManager: FieldManager})
	return true, doing("making the service account", err)
}

func (c *Connection) binding(ctx context.Context, g Grant) (bool, error) {
	ctx, cancel := Limited(ctx)
	defer cancel()
	want := &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: Account},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: g.Role},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Name: Account, Namespace: g.Namespace}},
	}
	bindings := c.typed.RbacV1().RoleBindings(g.Namespace)
	have, err := bindings.Get(ctx, Account, metav1.GetOptions{})
	if err == nil && have.RoleRef == want.RoleRef && len(have.Subjects) == 1 && have.Subjects[0] == want.Subjects[0] {
		return false, nil
	}
	if err == nil { // a binding's role can't be changed
		err = bindings.Delete(ctx, Account, metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &have.UID}})
	}
	if err != nil && !apierrors.IsNotFound(err) {
		return false, doing("reading the role binding", err)
	}
	_, err = bindings.Create(ctx, want, metav1.CreateOptions{FieldManager: FieldManager})
	return true, doing("binding the account to ClusterRole "+g.Role, err)
}

// Withdraw takes the account and its rights out of a namespace, if that is the
// tenant's. The namespace stays: it may hold data that nobody can make again.
func (c *Connection) Withdraw(ctx context.Context, g Grant) error {
	if ns, err := c.owned(ctx, g); ns == nil {
		return err
	}
	ctx, cancel := Limited(ctx)
	defer cancel()
	err := c.typed.RbacV1().RoleBindings(g.Namespace).Delete(ctx, Account, metav1.DeleteOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		return doing("removing the role binding", err)
	}
	err = c.typed.CoreV1().ServiceAccounts(g.Namespace).Delete(ctx, Account, metav1.DeleteOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		return doing("removing the service account", err)
	}
	return nil
}

func doing(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
