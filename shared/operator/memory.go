// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"math"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	// memoryShare of what the container may have is for what Go counts. The rest is for what it does
	// not count, pages of the program above all.
	memoryShare = 0.9

	// thriftEvery is how often is looked whether there is memory to give back.
	thriftEvery = 30 * time.Second

	// slack is what is not worth a collection.
	slack = 2 << 20
)

// limitMemory makes the collector work harder before the process gets near limit,
// in bytes, where the kernel would kill it. 0: there is none. GOMEMLIMIT prevails.
func limitMemory(limit int64) {
	if limit > 0 && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(int64(math.Round(memoryShare * float64(limit))))
	}
}

// thrift gives memory back to the kernel while little goes on. By itself Go keeps
// what a busy time took, or a start: it collects garbage when the heap has doubled,
// and keeps room for the next doubling. With caches full and nothing to do that is
// more than half of what an operator has.
type thrift struct {
	every time.Duration
	give  func()
}

// NeedLeaderElection implements manager.LeaderElectionRunnable: one who waits to
// lead has nothing to do at all.
func (thrift) NeedLeaderElection() bool { return false }

// Start looks again and again until ctx ends.
func (t thrift) Start(ctx context.Context) error {
	ticker := time.NewTicker(t.every)
	defer ticker.Stop()
	for before := readHeap(); ; {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		now := readHeap()
		if worthGiving(before, now) {
			t.give()
			now = readHeap()
		}
		before = now
	}
}

// heap is what the runtime says of it, in bytes.
type heap struct {
	allocated uint64 // since the start of the process
	live      uint64 // what the last collection left
	objects   uint64 // live ones, and what has become garbage since
	free      uint64 // kept from the kernel for objects to come
}

func readHeap() heap {
	samples := []metrics.Sample{
		{Name: "/gc/heap/allocs:bytes"}, {Name: "/gc/heap/live:bytes"},
		{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/free:bytes"},
	}
	metrics.Read(samples)
	return heap{samples[0].Value.Uint64(), samples[1].Value.Uint64(), samples[2].Value.Uint64(), samples[3].Value.Uint64()}
}

// worthGiving reports whether little went on since before, and much can be given
// back. Little is what would have caused two collections: one more costs little
// then. While more goes on the memory would be taken again at once.
func worthGiving(before, now heap) bool {
	little := now.allocated-before.allocated < 2*now.live
	return little && now.objects+now.free > now.live+max(slack, now.live/4)
}
