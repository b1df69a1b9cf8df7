// SPDX-License-Identifier: Apache-2.0

package managed

import (
	"context"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
	"sigs.k8s.io/controller-runtime/pkg/log"
)

func (r *Reconciler[MR, Obs]) kindName() string {
	gvk, err := apiutil.GVKForObject(r.kind.New(), r.env.Kube.Scheme())
	if err != nil {
		return "unknown"
	}
	return gvk.Kind
}

func (r *Reconciler[MR, Obs]) log(ctx context.Context) logr.Logger { return log.FromContext(ctx) }

// event records a transition on the object.
func (r *Reconciler[MR, Obs]) event(mr MR, c *metav1.Condition, o outcome) {
	if r.env.Events == nil {
		return
	}
	typ := corev1.EventTypeNormal
	if o.err != nil || o.stalled() {
		typ = corev1.EventTypeWarning
	}
	note := c.Message
	if note == "" {
		note = c.Type + " is " + string(c.Status)
	}
	r.env.Events.Eventf(mr, nil, typ, c.Reason, string(o.step), "%s", note)
}

// result is what came of a pass, in one of a few words.
func (o outcome) result() string {
	if o.err != nil {
		return string(o.err.Class)
	}
	return string(o.step)
}
