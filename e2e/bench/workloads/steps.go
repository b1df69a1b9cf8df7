// SPDX-License-Identifier: Apache-2.0

package workloads

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/e2e/stack"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/kubetest/audit"
)

// all returns the numbers of all applications.
func (r *run) all() []int {
	numbers := make([]int, r.Targets*r.Applications)
	for i := range numbers {
		numbers[i] = i
	}
	return numbers
}

// arrivals makes all applications, one after the other, while kubeconfigs are
// renewed.
func (r *run) arrivals(ctx context.Context) error {
	sayf(r.Log, "%d applications at %g a second", r.Targets*r.Applications, r.Rate)
	began := time.Now()
	renewed := make(chan error, 1)
	go func() { renewed <- r.renewals(ctx) }()
	changes, err := r.apply(ctx, r.all(), r.Rate, r.make)
	if err := errors.Join(err, <-renewed); err != nil {
		return err
	}
	took, err := r.propagated(ctx, changes)
	if err != nil {
		return err
	}
	objects, err := r.readBack(ctx, changes)
	if err != nil {
		return err
	}
	failed, err := r.refusals(ctx, began)
	if err != nil {
		return err
	}
	conditions := map[string]any{"ratePerSecond": r.Rate, "objectsReadBack": objects, "change": "a new application", "worst": took[len(took)-1]}
	return errors.Join(
		r.print("propagation_p50_ms", quantile(took, 0.5), "ms", conditions),
		r.print("propagation_p99_ms", quantile(took, 0.99), "ms", conditions),
		r.print("token_renewals", float64(r.Renewals), "renewals", map[string]any{"failedApplies": failed}),
	)
}

// overlap is how long a token lives on after another one has taken its place: who
// renews does so in time.
const overlap = 5 * time.Second

// renewals renews kubeconfigs all through the arrivals. After the last the tokens
// from before are ended.
func (r *run) renewals(ctx context.Context) error {
	lasts := time.Duration(float64(r.Targets*r.Applications) / r.Rate * float64(time.Second))
	began := time.Now()
	var before []func(context.Context) error
	for n := range r.Renewals {
		time.Sleep(time.Until(began.Add(lasts / time.Duration(r.Renewals) * time.Duration(n))))
		end, err := r.renew(ctx, r.targets[n%r.Targets])
		if err != nil {
			return err
		}
		before = append(before, end)
	}
	time.Sleep(overlap)
	for _, end := range before {
		if err := end(ctx); err != nil {
			return fmt.Errorf("ending a token: %w", err)
		}
	}
	return nil
}

// refusals counts the times since began that an application or a target was said to
// have been refused by the cluster.
func (r *run) refusals(ctx context.Context, began time.Time) (int, error) {
	list := &eventsv1.EventList{}
	if err := r.hub.Client.List(ctx, list); err != nil {
		return 0, fmt.Errorf("listing events: %w", err)
	}
	n := 0
	for _, e := range list.Items {
		if e.EventTime.Time.Before(began) {
			continue
		}
		switch e.Reason {
		case workload.ReasonCredentialsRefused, workload.ReasonRightsMissing, workload.ReasonTargetNotReady, workload.ReasonObjectRefused:
			sayf(r.Log, "  %s %s: %s: %s", e.Regarding.Kind, e.Regarding.Name, e.Reason, e.Note)
			n++
		}
	}
	return n, nil
}

// rest counts what is written while nothing changes.
func (r *run) rest(ctx context.Context) error {
	if err := r.settled(ctx); err != nil {
		return err
	}
	there, err := r.log.Mark()
	if err != nil {
		return err
	}
	here, err := r.hub.Audit().Mark()
	if err != nil {
		return err
	}
	sayf(r.Log, "%s at rest", r.Rest)
	select {
	case <-ctx.Done():
		return ctx.Err() //nolint:wrapcheck // nobody asks why
	case <-time.After(r.Rest):
	}
	far, err := r.log.Since(there)
	if err != nil {
		return err
	}
	near, err := r.hub.Audit().Since(here)
	if err != nil {
		return err
	}
	far = far.Of(audit.Write).Where(fromHere)
	near = near.Of(audit.Write).By(stack.User(stack.WorkloadOperator))
	for _, w := range append(far, near...) {
		sayf(r.Log, "  %s", w)
	}
	conditions := map[string]any{"restSeconds": r.Rest.Seconds()}
	return errors.Join(
		r.print("remote_writes_at_rest", float64(len(far)), "writes", conditions),
		r.print("hub_writes_at_rest", float64(len(near)), "writes", conditions),
		r.memory(),
	)
}

// fromHere reports whether the operator has sent a request, as itself or as the
// account of applications.
func fromHere(q audit.Request) bool {
	return strings.HasPrefix(q.User, "system:serviceaccount:"+accounts+":") || strings.HasSuffix(q.User, ":crossplane-application")
}

func (r *run) memory() error {
	used, err := r.hub.Usage(stack.WorkloadOperator)
	if err != nil {
		return fmt.Errorf("usage of the operator: %w", err)
	}
	const mebibyte = 1 << 20
	return r.print("operator_rss_mib", float64(used.RSS)/mebibyte, "MiB", map[string]any{"operator": stack.WorkloadOperator})
}

// settled waits until every application is ready, as it is now, and nothing more is
// written.
func (r *run) settled(ctx context.Context) error {
	err := await(ctx, "all applications are ready", func(ctx context.Context) (bool, error) {
		list := &workload.KubernetesApplicationList{}
		if err := r.hub.Client.List(ctx, list, &client.ListOptions{Raw: &metav1.ListOptions{ResourceVersion: "0"}}); err != nil {
			return false, fmt.Errorf("listing applications: %w", err)
		}
		ready := 0
		for i := range list.Items {
			a := &list.Items[i]
			c := meta.FindStatusCondition(a.Status.Conditions, v1alpha1.ConditionSynced)
			if c != nil && c.Status == metav1.ConditionTrue && c.ObservedGeneration == a.Generation && meta.IsStatusConditionTrue(a.Status.Conditions, v1alpha1.ConditionReady) {
				ready++
			}
		}
		return ready == r.Targets*r.Applications, nil
	})
	if err != nil {
		return err
	}
	return errors.Join(r.awaitTargets(ctx), r.log.Settle(ctx, time.Second), r.hub.Audit().Settle(ctx, time.Second))
}

// burst changes all applications at once.
func (r *run) burst(ctx context.Context) error {
	sayf(r.Log, "all applications at once")
	began := time.Now()
	changes, err := r.apply(ctx, r.all(), 0, r.edit)
	if err != nil {
		return err
	}
	wrote := time.Since(began)
	took, err := r.propagated(ctx, changes)
	if err != nil {
		return err
	}
	last := took[len(took)-1] / 1000
	return r.print("applies_per_second", float64(len(took))/last, "applies/s", map[string]any{"seconds": last, "secondsToWriteThem": wrote.Seconds(), "change": "all at once"})
}

// some returns the numbers of as many applications as are changed in a window.
func (r *run) some() []int {
	n := min(int(r.Rate*r.Window.Seconds()), r.Targets*r.Applications)
	return rand.Perm(r.Targets * r.Applications)[:n] // #nosec G404 -- nobody gains by a guess
}
