// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"context"
	"fmt"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/cache"

	"github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// scope is what one watch sees: the labelled objects of a kind in a namespace, as
// the account of a namespace sees them. Kinds without namespaces have none.
type scope struct {
	resource           schema.GroupVersionResource
	account, namespace string
}

// watches are those of one connection. Each lives while an application follows it.
type watches struct {
	of      *Connection
	changed func(applicationUID string)

	mu      sync.Mutex
	closed  bool
	running map[scope]*following
}

type following struct {
	informer cache.SharedIndexInformer
	stop     context.CancelFunc
	by       map[string]bool // uids of applications
}

func newWatches(of *Connection, changed func(string)) *watches {
	return &watches{of: of, changed: changed, running: map[scope]*following{}}
}

// follow makes an application follow these scopes and no others of that account.
// A watch begins or ends in the background.
func (w *watches) follow(application, account string, scopes []scope) {
	w.mu.Lock()
	defer w.mu.Unlock()
	wanted := map[scope]bool{}
	for _, s := range scopes {
		wanted[s] = true
		if f := w.running[s]; f != nil {
			f.by[application] = true
		} else if f := w.start(s); f != nil {
			f.by[application] = true
		}
	}
	for s, f := range w.running {
		if s.account == account && !wanted[s] {
			w.drop(s, f, application)
		}
	}
}

// forget makes an application follow nothing any more.
func (w *watches) forget(application string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for s, f := range w.running {
		w.drop(s, f, application)
	}
}

// drop ends what nobody follows any more. w.mu is held.
func (w *watches) drop(s scope, f *following, application string) {
	if delete(f.by, application); len(f.by) == 0 {
		f.stop()
		delete(w.running, s)
	}
}

// start begins a watch; nil where none can be made, and whoever wants to know
// has to ask the cluster. w.mu is held.
func (w *watches) start(s scope) *following {
	client, err := w.of.as(s.account)
	if w.closed || err != nil {
		return nil
	}
	informer, err := newInformer(client.Resource(s.resource).Namespace(s.namespace), w.tell)
	if err != nil {
		return nil
	}
	ctx, stop := context.WithCancel(context.Background())
	go informer.RunWithContext(ctx)
	f := &following{informer: informer, stop: stop, by: map[string]bool{}}
	w.running[s] = f
	return f
}

// seen returns an object as its watch sees it, nil where it is not there. Unless
// known the watch can't say.
func (w *watches) seen(s scope, name string) (o *Object, known bool) {
	w.mu.Lock()
	f := w.running[s]
	w.mu.Unlock()
	if f == nil || !f.informer.HasSynced() {
		return nil, false
	}
	key := name
	if s.namespace != "" {
		key = s.namespace + "/" + name
	}
	item, exists, err := f.informer.GetStore().GetByKey(key)
	if err != nil || !exists {
		return nil, err == nil
	}
	o, known = item.(*Object)
	return o, known
}

func (w *watches) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	for s, f := range w.running {
		f.stop()
		delete(w.running, s)
	}
}

// tell passes on whose object has changed.
func (w *watches) tell(item any) {
	if gone, ok := item.(cache.DeletedFinalStateUnknown); ok {
		item = gone.Obj
	}
	if o, ok := item.(*Object); ok {
		w.changed(o.ApplicationUID())
	}
}

// newInformer prepares to follow the labelled objects of a resource, reduced.
func newInformer(resource dynamic.ResourceInterface, tell func(any)) (cache.SharedIndexInformer, error) {
	informer := cache.NewSharedIndexInformer(&cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
			ctx, cancel := context.WithTimeout(ctx, listTimeout)
			defer cancel()
			o.LabelSelector = v1alpha1.LabelApplicationUID
			return resource.List(ctx, o)
		},
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			o.LabelSelector = v1alpha1.LabelApplicationUID
			return resource.Watch(ctx, o)
		},
	}, &unstructured.Unstructured{}, 0, nil)
	handler := cache.ResourceEventHandlerFuncs{AddFunc: tell, DeleteFunc: tell, UpdateFunc: func(before, now any) {
		if differ(before, now) {
			tell(before)
			tell(now)
		}
	}}
	if _, err := informer.AddEventHandler(handler); err != nil {
		return nil, fmt.Errorf("preparing a watch: %w", err)
	}
	if err := informer.SetTransform(reduced); err != nil {
		return nil, fmt.Errorf("preparing a watch: %w", err)
	}
	// Whoever waits for the watch asks the cluster itself, and says what is wrong.
	silent := func(context.Context, *cache.Reflector, error) {}
	if err := informer.SetWatchErrorHandlerWithContext(silent); err != nil {
		return nil, fmt.Errorf("preparing a watch: %w", err)
	}
	return informer, nil
}

func reduced(item any) (any, error) {
	if u, ok := item.(*unstructured.Unstructured); ok {
		return Reduce(u), nil
	}
	return item, nil
}

// differ reports whether anything changed that an application wants to know.
func differ(before, now any) bool {
	was, ok := before.(*Object)
	is, also := now.(*Object)
	return !ok || !also || was.UID != is.UID || was.Owned != is.Owned || was.State != is.State || was.Message != is.Message ||
		was.Replicas != is.Replicas || was.Address != is.Address || was.ApplicationUID() != is.ApplicationUID() ||
		was.DeletionTimestamp.IsZero() != is.DeletionTimestamp.IsZero()
}
