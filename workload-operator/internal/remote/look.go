// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"context"
	"fmt"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/discovery"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/crossplaneio/crossplane/shared/conditions"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// ClusterUID asks a cluster who it is: by the uid of kube-system, which lives as
// long as the cluster and is the same for no other.
func (c *Connection) ClusterUID(ctx context.Context) (string, error) {
	ctx, cancel := Limited(ctx)
	defer cancel()
	ns, err := c.looks.CoreV1().Namespaces().Get(ctx, metav1.NamespaceSystem, metav1.GetOptions{})
	if err != nil {
		return "", fmt.Errorf("reading its identity: %w", err)
	}
	return string(ns.UID), nil
}

// Version asks a cluster for its version of Kubernetes, such as v1.37.1.
func (c *Connection) Version(ctx context.Context) (string, error) {
	ctx, cancel := Limited(ctx)
	defer cancel()
	version, err := discovery.ToDiscoveryInterfaceWithContext(c.looks.Discovery()).ServerVersionWithContext(ctx)
	if err != nil {
		return "", fmt.Errorf("reading its version: %w", err)
	}
	return version.GitVersion, nil
}

// Username asks a cluster which name it has for whoever connects.
func (c *Connection) Username(ctx context.Context) (string, error) {
	ctx, cancel := Limited(ctx)
	defer cancel()
	review, err := c.looks.AuthenticationV1().SelfSubjectReviews().Create(ctx, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err != nil {
		return "", fmt.Errorf("asking it for the name of its user: %w", err)
	}
	return review.Status.UserInfo.Username, nil
}

// Unanswered reports whether a look came to nothing because the cluster did not
// answer, or not with a judgement. Of no error that is false.
func Unanswered(err *fault.Error) bool {
	if err == nil {
		return false
	}
	switch err.Class {
	case fault.Transient, fault.Throttled, fault.Conflict, fault.Gone:
		return true
	case fault.Dependency, fault.Quota, fault.Capacity, fault.Permission, fault.Invalid, fault.Exists:
	}
	return false
}

// Bounds of the time between two looks at a cluster.
const (
	soonest = 2 * time.Second
	latest  = 30 * time.Second
	jitter  = 0.2
)

// NextLook says when to look again at a cluster after a look with that error, which
// may be nil, and conditions that tell for how long it has been so.
func NextLook(c []metav1.Condition, err *fault.Error, poll time.Duration, now time.Time) reconcile.Result {
	if err == nil {
		low := handler.LowPriority
		return reconcile.Result{RequeueAfter: wait.Jitter(poll, jitter), Priority: &low}
	}
	back := min(max(conditions.Lasting(c, now)/2, min(soonest, poll)), latest)
	return reconcile.Result{RequeueAfter: max(wait.Jitter(back, jitter), err.RetryAfter)}
}
