// SPDX-License-Identifier: Apache-2.0

package application

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/version"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/workload-operator/internal/chart"
	"github.com/crossplaneio/crossplane/workload-operator/internal/report"
)

// managerOfEstimated is the field manager, behind the operator's name, of what a chart
// will ask for: it is written whatever becomes of the pass that found it.
const managerOfEstimated = "-estimated"

const (
	// usualVersion of Kubernetes is supposed where an application may use no target yet.
	usualVersion = "v1.34.0"
	// apisTime is how long a target gets to say what it serves: who decides where the
	// application runs does not wait for ever.
	apisTime    = 5 * time.Second
	maxEstimate = 1024 // bytes of a message
)

// estimate finds out what the chart of an application asks for that has no target yet
// and does not say so itself, and writes that down. The chart is rendered for that once,
// and what it renders to is thrown away: passwords that it makes up are made when it is
// known for which cluster.
func (r *Reconciler) estimate(ctx context.Context, p *pass) error {
	c, placement := p.app.Spec.Chart, p.app.Spec.Placement
	if c == nil || placement != nil && placement.Requests != nil || destination(p.app) != "" {
		return nil
	}
	content, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("writing which chart application %s/%s has: %w", p.app.Namespace, p.app.Name, err)
	}
	is := &workload.EstimatedRequests{Of: contract.ChartDigest(content)}
	known := p.app.Status.Estimated
	if known != nil && known.Of == is.Of && known.Reason == "" {
		return nil
	}
	is.Requests, err = r.expect(ctx, p, is.Of)
	if told, ok := errors.AsType[*fault.Error](err); ok {
		is.Reason, is.Message = told.ConditionReason(), told.Error()
		is.Message = strings.ToValidUTF8(is.Message[:min(len(is.Message), maxEstimate)], "")
	} else if err != nil {
		return err
	}
	if equality.Semantic.DeepEqual(known, is) {
		return nil
	}
	return r.writeEstimated(ctx, p, is)
}

// expect returns what the objects of the application's chart ask for; nil where they
// make no pods.
func (r *Reconciler) expect(ctx context.Context, p *pass, of string) (takes map[string]resource.Quantity, err error) {
	if err := r.source(ctx, p); err != nil {
		return nil, err
	}
	like, err := r.like(ctx, p)
	if err != nil {
		return nil, err
	}
	on := cluster{version: usualVersion, supposed: true}
	if like != nil {
		on.version = like.Status.Version
	}
	id := strings.Join([]string{"estimate", of, p.release(), p.namespace, on.version, ""}, "/")
	_, err = r.order(ctx, p, id, func(packed []byte) error {
		on.apis = r.apisOf(ctx, like)
		rendered, err := r.render(ctx, p, packed, on)
		takes = demanded(rendered)
		return err
	})
	return takes, err
}

// demanded is what the pods of objects ask for, counted as the scheduler counts those of
// manifests. What is no object that makes pods asks for nothing.
func demanded(rendered chart.Rendering) map[string]resource.Quantity {
	demands := make([]contract.Demand, len(rendered))
	for i, raw := range rendered {
		_ = json.Unmarshal(raw, &demands[i]) // never fails
	}
	return contract.Total(demands)
}

// like returns the target that a chart is rendered for before it has one; nil where there
// is none that the application may use.
func (r *Reconciler) like(ctx context.Context, p *pass) (*workload.KubernetesTarget, error) {
	list := &workload.KubernetesTargetList{}
	if err := r.Kube.List(ctx, list, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("looking for targets: %w", err)
	}
	slices.SortFunc(list.Items, func(a, b workload.KubernetesTarget) int { return strings.Compare(a.Name, b.Name) }) // of equals always the same
	return oldest(list.Items, func(by *v1alpha1.BindableBy) (bool, error) { return r.allows(ctx, by, p.app.Namespace) })
}

// oldest returns the target of the least version among those that are ready and whose
// allowedNamespaces admit whoever asks: what others serve it may not.
func oldest(targets []workload.KubernetesTarget, admits func(*v1alpha1.BindableBy) (bool, error)) (*workload.KubernetesTarget, error) {
	var least *workload.KubernetesTarget
	var lowest *version.Version
	for i := range targets {
		t := &targets[i]
		has, err := version.ParseGeneric(t.Status.Version)
		if err != nil || !meta.IsStatusConditionTrue(t.Status.Conditions, v1alpha1.ConditionReady) || lowest != nil && !has.LessThan(lowest) {
			continue
		}
		admitted, err := admits(t.Spec.AllowedNamespaces)
		if err != nil {
			return nil, err
		}
		if admitted {
			least, lowest = t, has
		}
	}
	return least, nil
}

// apisOf returns what a target serves; nil, which leaves it to Helm to suppose
// something, where it does not say so at once.
func (r *Reconciler) apisOf(ctx context.Context, t *workload.KubernetesTarget) []string {
	if t == nil {
		return nil
	}
	c, err := r.reach(t, t.Status.ClusterUID)
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, apisTime)
	defer cancel()
	versions, err := c.APIVersions(ctx)
	if err != nil {
		return nil
	}
	return versions
}

// writeEstimated writes what a chart will ask for. It says of which chart that is, so
// that it may be written though the application has changed meanwhile; and the pass ends
// here, because the rest of it is about the application as it was.
func (r *Reconciler) writeEstimated(ctx context.Context, p *pass, is *workload.EstimatedRequests) error {
	now, err := report.Note(ctx, r.Kube, r.Operator+managerOfEstimated, p.app, &workload.KubernetesApplicationStatus{Estimated: is})
	if err != nil {
		return fmt.Errorf("writing what application %s/%s will take: %w", p.app.Namespace, p.app.Name, err)
	}
	if now != nil {
		r.memory.note(now)
	}
	return errBusy
}
