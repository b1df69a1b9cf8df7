// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
	"github.com/crossplaneio/crossplane/e2e/stack"
	"github.com/crossplaneio/crossplane/shared/kubetest/audit"
)

const (
	countsPoll = 10 * time.Second
	polls      = 10    // of each resource, at least
	first      = 99999 // the number of the claim that is there before the others
)

var errNothing = errors.New("no instance was found")

// counts measures what cannot vary: writes and calls.
func counts(ctx context.Context, o Options) (err error) {
	r, err := start(ctx, o, countsPoll)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.stack.Down()) }()
	r.conditions[claimsThere] = o.Counted
	if _, err := r.cloud.Settings(ctx, local.Settings{Delays: r.subject.quiet}); err != nil {
		return fmt.Errorf("set the cloud's delays: %w", err)
	}
	r.conditions["extraCloudStates"] = "none"
	// The first claim of a class has its revision recorded, once for all claims.
	if err := errors.Join(r.claim(ctx, first, first+1), r.awaitReady(ctx, claimKind, 1)); err != nil {
		return err
	}
	if err := r.untilReady(ctx); err != nil {
		return err
	}
	return r.atRest(ctx)
}

// untilReady counts from the creation of claims until all are bound.
func (r *run) untilReady(ctx context.Context) error {
	mark, err := r.mark(ctx)
	if err != nil {
		return err
	}
	before, err := r.calls(ctx, "")
	if err != nil {
		return err
	}
	if err := errors.Join(r.claim(ctx, 0, r.Counted), r.awaitReady(ctx, claimKind, r.Counted+1)); err != nil {
		return err
	}
	after, err := r.calls(ctx, "")
	if err != nil {
		return err
	}
	if err := r.stack.Audit().Settle(ctx, time.Second); err != nil {
		return fmt.Errorf("settle the audit log: %w", err)
	}
	r.sayf("writes until ready:")
	managed, err := r.writes(mark, r.subject.operator)
	if err != nil {
		return err
	}
	core, err := r.writes(mark, stack.CoreOperator)
	if err != nil {
		return err
	}
	n := float64(r.Counted)
	return errors.Join(
		Figure{"managed_ready_api_writes", float64(managed) / n, "writes", r.conditions}.Print(r.Out),
		Figure{"claim_bound_api_writes", float64(managed+core) / n, "writes", r.conditions}.Print(r.Out),
		Figure{"managed_ready_cloud_calls", float64(after-before) / n, "calls", r.conditions}.Print(r.Out),
	)
}

// atRest counts while nothing changes, over at least ten polls of each
// resource, and then shows that the polls are looks: a change in the cloud is
// found.
func (r *run) atRest(ctx context.Context) error {
	mark, err := r.mark(ctx)
	if err != nil {
		return err
	}
	before, err := r.calls(ctx, r.subject.look)
	if err != nil {
		return err
	}
	looked := 0
	err = r.await(ctx, "every resource was polled", func(ctx context.Context) (bool, error) {
		after, err := r.calls(ctx, r.subject.look)
		looked = after - before
		return looked >= polls*(r.Counted+1), err
	})
	if err != nil {
		return err
	}
	r.sayf("writes at rest:")
	writes, err := r.writes(mark, r.subject.operator, stack.CoreOperator)
	if err != nil {
		return err
	}
	found, err := r.findDrift(ctx)
	if err != nil {
		return err
	}
	c := r.with(map[string]any{"polls": looked, "driftFound": found})
	return Figure{"managed_poll_api_writes", float64(writes) / float64(looked), "writes", c}.Print(r.Out)
}

// findDrift changes an instance in the cloud and waits until the operator has
// said so and put it right.
func (r *run) findDrift(ctx context.Context) (bool, error) {
	live, err := r.cloud.Live(ctx)
	if err != nil {
		return false, fmt.Errorf("ask what there is: %w", err)
	}
	for _, l := range live {
		if l.Kind != r.subject.kind {
			continue
		}
		mark, err := r.mark(ctx)
		if err != nil {
			return false, err
		}
		target := local.Target{Kind: l.Kind, ID: l.ID, Region: l.Region}
		if err := r.cloud.Change(ctx, target, r.subject.change); err != nil {
			return false, fmt.Errorf("change %s: %w", l.ID, err)
		}
		return true, r.await(ctx, "the change is put right", func(ctx context.Context) (bool, error) { return r.repaired(ctx, mark) })
	}
	return false, errNothing
}

// repaired reports whether the operator wrote something since mark and no
// instance differs from what its class says.
func (r *run) repaired(ctx context.Context, mark audit.Mark) (bool, error) {
	requests, err := r.stack.Audit().Since(mark)
	if err != nil {
		return false, fmt.Errorf("read the audit log: %w", err)
	}
	if len(requests.By(stack.User(r.subject.operator)).Of(audit.Write)) == 0 {
		return false, nil
	}
	list := &unstructured.UnstructuredList{}
	of := r.subject.resource
	list.SetGroupVersionKind(of.GroupVersion().WithKind(of.Kind + "List"))
	if err := r.stack.Client.List(ctx, list); err != nil {
		return false, fmt.Errorf("list instances: %w", err)
	}
	for _, i := range list.Items {
		field := append([]string{"status", "atProvider"}, r.subject.field...)
		if value, _, _ := unstructured.NestedString(i.Object, field...); value == r.subject.changed || !isReady(&i) {
			return false, nil
		}
	}
	return true, nil
}
