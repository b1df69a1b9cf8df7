// SPDX-License-Identifier: Apache-2.0

package drain_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/crossplaneio/crossplane/shared/operator/drain"
)

type key struct{}

// pass takes a minute unless its context ends.
func pass(ctx context.Context, _ reconcile.Request) (reconcile.Result, error) {
	if ctx.Value(key{}) == nil {
		return reconcile.Result{}, errors.New("the values of the context are lost")
	}
	select {
	case <-time.After(10 * time.Second):
		return reconcile.Result{RequeueAfter: time.Hour}, nil
	case <-ctx.Done():
		return reconcile.Result{}, context.Cause(ctx)
	}
}

func TestPassUnderWay(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		grace    time.Duration
		deadline time.Duration
		want     error
		took     time.Duration
	}{
		"is finished":                            {grace: 20 * time.Second, took: 10 * time.Second},
		"is cut off after the grace":             {grace: 3 * time.Second, want: context.Canceled, took: 4 * time.Second},
		"keeps the deadline that it was given":   {grace: 20 * time.Second, deadline: 5 * time.Second, want: context.DeadlineExceeded, took: 5 * time.Second},
		"is finished though its deadline is far": {grace: 20 * time.Second, deadline: time.Minute, took: 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, true))
				defer cancel()
				if tc.deadline > 0 {
					ctx, cancel = context.WithTimeout(ctx, tc.deadline)
					defer cancel()
				}
				time.AfterFunc(time.Second, cancel)
				begin := time.Now()
				_, err := drain.Reconciler(reconcile.Func(pass), tc.grace).Reconcile(ctx, reconcile.Request{})
				if !errors.Is(err, tc.want) {
					t.Errorf("error %v, want %v", err, tc.want)
				}
				if took := time.Since(begin); took != tc.took {
					t.Errorf("took %s, want %s", took, tc.took)
				}
			})
		})
	}
}
