// SPDX-License-Identifier: Apache-2.0

package availability

import (
	"context"
	"fmt"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// remembered is how long a right that was found is taken for granted. It is
// there so that many classes of one kind ask once.
const remembered = 30 * time.Second

// verbs are what core does with the managed resources of a claim.
func verbs() []string { return []string{"get", "list", "watch", "create", "patch", "delete"} }

// rights knows what core may do.
type rights struct {
	kube  client.Client
	found map[schema.GroupVersionResource]time.Time
}

func newRights(kube client.Client) *rights {
	return &rights{kube: kube, found: map[schema.GroupVersionResource]time.Time{}}
}

// missing returns the verbs that core lacks to use a kind.
func (r *rights) missing(ctx context.Context, resource schema.GroupVersionResource) ([]string, error) {
	if time.Since(r.found[resource]) < remembered {
		return nil, nil
	}
	var refused []string
	for _, verb := range verbs() {
		review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
			ResourceAttributes: &authorizationv1.ResourceAttributes{
				Group: resource.Group, Version: resource.Version, Resource: resource.Resource, Verb: verb,
			},
		}}
		if err := r.kube.Create(ctx, review); err != nil {
			return nil, fmt.Errorf("asking whether core may %s %s: %w", verb, resource.GroupResource(), err)
		}
		if !review.Status.Allowed {
			refused = append(refused, verb)
		}
	}
	if len(refused) == 0 {
		r.found[resource] = time.Now()
	}
	return refused, nil
}
