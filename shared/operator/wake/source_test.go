// SPDX-License-Identifier: Apache-2.0

package wake_test

import (
	"context"
	"errors"
	"testing"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/crossplaneio/crossplane/shared/operator/wake"
)

// TestSource: what happens before the start is dropped, and what happens after is
// looked at.
func TestSource(t *testing.T) {
	notYet := errors.New("not yet")
	s := wake.New("elsewhere", func(context.Context) error { return notYet })
	one := reconcile.Request{NamespacedName: types.NamespacedName{Name: "one"}}
	find := func(context.Context) []reconcile.Request { return []reconcile.Request{one} }
	s.Add(func(context.Context) []reconcile.Request {
		t.Error("nobody can be woken yet")
		return nil
	})
	queue := workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[reconcile.Request]())
	defer queue.ShutDown()
	if err := s.Start(t.Context(), queue); err != nil {
		t.Fatal(err)
	}
	s.Add(find)
	if got, _ := queue.Get(); got != one || queue.Len() != 0 {
		t.Errorf("got %v and %d more", got, queue.Len())
	}
	if err := s.WaitForSync(t.Context()); !errors.Is(err, notYet) || s.String() != "elsewhere" {
		t.Errorf("%s: %v", s, err)
	}
}
