// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/e2e/wait"
)

const (
	namespace = "bench"
	patience  = time.Hour // for ten thousand claims on a slow machine
	writers   = 8         // at a time
	pause     = 500 * time.Millisecond
)

//nolint:gochecknoglobals // names, never changed
var (
	claimKind = kind("database.crossplane.io", "MySQLInstance")
	classKind = kind("core.crossplane.io", "ResourceClass")
)

// prepare connects the account and writes the classes, and waits for both.
func (r *run) prepare(ctx context.Context) error {
	home := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace, Labels: map[string]string{"cloud": r.Cloud}}}
	if err := r.stack.Client.Create(ctx, home); err != nil {
		return fmt.Errorf("create a namespace: %w", err)
	}
	if err := r.stack.Connect(ctx, r.Cloud); err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	return errors.Join(r.awaitReady(ctx, r.subject.provider, 1), r.awaitReady(ctx, classKind, 2))
}

// claim creates claims number from to below to.
func (r *run) claim(ctx context.Context, from, to int) error {
	numbers := make(chan int)
	failures := make([]error, writers)
	var wait sync.WaitGroup
	for w := range writers {
		wait.Go(func() {
			for n := range numbers {
				failures[w] = errors.Join(failures[w], r.stack.Client.Create(ctx, newClaim(n)))
			}
		})
	}
	for n := from; n < to; n++ {
		numbers <- n
	}
	close(numbers)
	wait.Wait()
	if err := errors.Join(failures...); err != nil {
		return fmt.Errorf("create claims: %w", err)
	}
	return nil
}

func newClaim(n int) *unstructured.Unstructured {
	name := fmt.Sprintf("db-%05d", n)
	u := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{
		"engineVersion": "8.4", "storageGiB": int64(20), "databaseName": "app",
		"writeConnectionSecretToRef": map[string]any{"name": name},
	}}}
	u.SetGroupVersionKind(claimKind)
	u.SetNamespace(namespace)
	u.SetName(name)
	return u
}

// awaitReady waits until at least n objects of a kind are ready.
func (r *run) awaitReady(ctx context.Context, kind schema.GroupVersionKind, n int) error {
	pause := max(pause, time.Duration(n)*time.Millisecond) // a look at many costs much
	return r.awaitEvery(ctx, pause, fmt.Sprintf("%d %s are ready", n, kind.Kind), func(ctx context.Context) (bool, error) {
		ready, err := r.ready(ctx, kind)
		return ready >= n, err
	})
}

// ready returns how many objects of a kind are ready. It reads from the API
// server's cache, in pages, so that asking costs little of what is measured.
func (r *run) ready(ctx context.Context, kind schema.GroupVersionKind) (int, error) {
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(kind.GroupVersion().WithKind(kind.Kind + "List"))
	if err := r.stack.Client.List(ctx, list, &client.ListOptions{Raw: &metav1.ListOptions{ResourceVersion: "0"}}); err != nil {
		return 0, fmt.Errorf("list %s: %w", kind.Kind, err)
	}
	n := 0
	for i := range list.Items {
		if isReady(&list.Items[i]) {
			n++
		}
	}
	return n, nil
}

func isReady(u *unstructured.Unstructured) bool {
	conditions, _, _ := unstructured.NestedSlice(u.Object, "status", "conditions")
	for _, c := range conditions {
		if c, ok := c.(map[string]any); ok && c["type"] == "Ready" {
			return c["status"] == "True"
		}
	}
	return false
}

// await waits until something is so.
func (r *run) await(ctx context.Context, what string, so func(ctx context.Context) (bool, error)) error {
	return r.awaitEvery(ctx, pause, what, so)
}

// awaitEvery looks seldom: a look costs processor time.
func (r *run) awaitEvery(ctx context.Context, pause time.Duration, what string, so func(ctx context.Context) (bool, error)) error {
	return wait.Until(ctx, patience, pause, what, so)
}
