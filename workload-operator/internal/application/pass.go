// SPDX-License-Identifier: Apache-2.0

package application

import (
	"cmp"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/workload-operator/internal/chart"
	"github.com/crossplaneio/crossplane/workload-operator/internal/remote"
)

// pass is what one pass over an application has found out so far. Its status is
// the application's own, and is written at the end.
type pass struct {
	app       *workload.KubernetesApplication
	namespace string // on the target
	now       time.Time

	manifests    []*unstructured.Unstructured
	source       *workload.ChartSource
	charted      []*unstructured.Unstructured // what the chart was rendered to
	restartedFor string
	projected    []projection
	censor       *chart.Censor // of the chart's values; nil until something is to be told

	target     *workload.KubernetesTarget
	connection *remote.Connection
	tenant     *remote.Tenant
	objects    []wanted
}

func newPass(app *workload.KubernetesApplication, now time.Time) *pass {
	return &pass{app: app, now: now, namespace: cmp.Or(app.Spec.Namespace, app.Namespace)}
}

// use is the entry of the target in the list of those that may have objects.
func (p *pass) use() workload.TargetInUse {
	return workload.TargetInUse{Name: p.target.Name, ClusterUID: p.target.Status.ClusterUID, Namespace: p.namespace}
}

// plan brings the lists of targets and of objects up to what is wanted, and
// reports whether anything is new in them: that has to be on record before it is
// done. What is no longer wanted stays at the end, to be removed.
func (p *pass) plan() (news bool) {
	status := &p.app.Status
	news = p.rename()
	if !slices.Contains(status.Targets, p.use()) {
		news = true
		status.Targets = append(status.Targets, p.use())
	}
	planned := make([]workload.ObjectStatus, 0, len(p.objects))
	for _, w := range p.objects {
		entry := entryOf(p.target.Name, w.key)
		if i := slices.IndexFunc(status.Objects, func(e workload.ObjectStatus) bool { return same(e, entry) }); i >= 0 {
			known := status.Objects[i]
			known.APIVersion = entry.APIVersion
			if known.State == workload.ObjectDeleting {
				known.State = workload.ObjectPending
			}
			entry = known
		} else {
			news = true
		}
		planned = append(planned, entry)
	}
	for _, e := range status.Objects {
		if !slices.ContainsFunc(planned, func(w workload.ObjectStatus) bool { return same(e, w) }) {
			e.State = workload.ObjectDeleting
			planned = append(planned, e)
		}
	}
	status.Objects = planned
	return news
}

// rename makes what is on the same cluster under another target's name this
// target's, and reports whether there was any: to leave there would be to remove
// what is wanted here.
func (p *pass) rename() bool {
	status, use := &p.app.Status, p.use()
	kept := slices.DeleteFunc(slices.Clone(status.Targets), func(u workload.TargetInUse) bool {
		return u.Name != use.Name && u.ClusterUID == use.ClusterUID && u.Namespace == use.Namespace
	})
	if len(kept) == len(status.Targets) {
		return false
	}
	for i := range status.Objects {
		e := &status.Objects[i]
		if slices.ContainsFunc(status.Targets, func(u workload.TargetInUse) bool { return !slices.Contains(kept, u) && within(*e, u) }) {
			e.Target = use.Name
		}
	}
	status.Targets = kept
	return true
}

// entry returns the status of the i-th wanted object.
func (p *pass) entry(i int) *workload.ObjectStatus { return &p.app.Status.Objects[i] }

// deleting reports whether the application is.
func (p *pass) deleting() bool { return !p.app.DeletionTimestamp.IsZero() }

func (p *pass) paused() bool {
	return p.app.Annotations[v1alpha1.AnnotationPaused] == v1alpha1.PausedTrue
}
