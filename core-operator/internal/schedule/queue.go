// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"cmp"
	"container/heap"
	"context"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/crossplaneio/crossplane/shared/contract"
)

// queue holds the applications to be looked at: of the highest priority first, of
// equals the oldest. Each is in it once.
type queue struct {
	mu     sync.Mutex
	items  items
	queued map[types.NamespacedName]*item
	filled chan struct{}
}

type item struct {
	key      types.NamespacedName
	priority int32
	created  time.Time
	index    int
}

func newQueue() *queue {
	return &queue{queued: map[types.NamespacedName]*item{}, filled: make(chan struct{}, 1)}
}

// add has an application looked at.
func (q *queue) add(a *contract.Application) {
	it := &item{key: keyOf(a), created: a.CreationTimestamp.Time}
	if a.Spec.Placement != nil {
		it.priority = a.Spec.Placement.Priority
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if known := q.queued[it.key]; known != nil {
		known.priority, known.created = it.priority, it.created
		heap.Fix(&q.items, known.index)
		return
	}
	q.queued[it.key] = it
	heap.Push(&q.items, it)
	q.wake()
}

// wake ends a wait for the next one.
func (q *queue) wake() {
	select {
	case q.filled <- struct{}{}:
	default:
	}
}

// next takes the first one out; ok is false where there is none.
func (q *queue) next() (key types.NamespacedName, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.items) == 0 {
		return key, false
	}
	it, _ := heap.Pop(&q.items).(*item)
	delete(q.queued, it.key)
	return it.key, true
}

// wait returns once something may have come; false where ctx has ended.
func (q *queue) wait(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return false
	case <-q.filled:
		return true
	}
}

func keyOf(a *contract.Application) types.NamespacedName {
	return types.NamespacedName{Namespace: a.Namespace, Name: a.Name}
}

// items is a heap.
type items []*item

func (h *items) Len() int { return len(*h) }

func (h *items) Less(i, j int) bool {
	a, b := (*h)[i], (*h)[j]
	return cmp.Or(cmp.Compare(b.priority, a.priority), a.created.Compare(b.created),
		cmp.Compare(a.key.Namespace, b.key.Namespace), cmp.Compare(a.key.Name, b.key.Name)) < 0
}

func (h *items) Swap(i, j int) {
	all := *h
	all[i], all[j] = all[j], all[i]
	all[i].index, all[j].index = i, j
}

// Push implements heap.Interface.
func (h *items) Push(x any) {
	it, _ := x.(*item)
	it.index = len(*h)
	*h = append(*h, it)
}

// Pop implements heap.Interface.
func (h *items) Pop() any {
	last := (*h)[len(*h)-1]
	(*h)[len(*h)-1] = nil
	*h = (*h)[:len(*h)-1]
	return last
}
