// SPDX-License-Identifier: Apache-2.0

package target

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/workload-operator/internal/remote"
)

// examples is how many users of a target a message names.
const examples = 5

// release lets a target go that no application has objects on.
func (r *Reconciler) release(ctx context.Context, t *v1alpha1.KubernetesTarget) (outcome, error) {
	if !controllerutil.ContainsFinalizer(t, v1alpha1.FinalizerTarget) {
		return outcome{gone: true}, nil // somebody else's finalizer keeps it
	}
	users, err := users(ctx, r.Live, t.Name)
	if err != nil {
		return outcome{}, err
	}
	if len(users) > 0 { // they need the connection to leave
		seen, err := r.look(ctx, t)
		return outcome{seen: seen, err: remote.Classify(err), inUse: describe(users)}, nil
	}
	return outcome{gone: true}, r.finalizer(ctx, t, controllerutil.RemoveFinalizer)
}

// users returns the applications that have, or may have, objects on a target. It
// asks the API server itself: a cache might not show the newest yet.
func users(ctx context.Context, live client.Reader, target string) ([]string, error) {
	var found []string
	list := &v1alpha1.KubernetesApplicationList{}
	for {
		if err := live.List(ctx, list, client.Limit(page), client.Continue(list.Continue)); err != nil {
			return nil, fmt.Errorf("looking for the users of target %s: %w", target, err)
		}
		for i := range list.Items {
			if a := &list.Items[i]; slices.ContainsFunc(a.Status.Targets, func(u v1alpha1.TargetInUse) bool { return u.Name == target }) {
				found = append(found, a.Namespace+"/"+a.Name)
			}
		}
		if list.Continue == "" {
			return found, nil
		}
	}
}

func describe(users []string) string {
	applications := "applications"
	if len(users) == 1 {
		applications = "application"
	}
	text := fmt.Sprintf("in use by %d %s: %s", len(users), applications, strings.Join(users[:min(len(users), examples)], ", "))
	if len(users) > examples {
		text += ", ..."
	}
	return text
}
