// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"io"
	"math"
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

const mebibyte = 1 << 20

func TestWhenMemoryIsGivenBack(t *testing.T) {
	for name, tc := range map[string]struct {
		allocated, live, objects, free uint64
		want                           bool
	}{
		"after a busy time":              {1, 10, 12, 30, true},
		"garbage":                        {1, 10, 18, 0, true},
		"a little garbage":               {1, 10, 11, 1, false},
		"while much goes on":             {21, 10, 18, 30, false},
		"some work":                      {19, 10, 18, 30, true},
		"nothing was collected yet":      {1, 0, 8, 0, false},
		"many objects, and some garbage": {30, 200, 230, 10, false},
		"many objects, and much":         {30, 200, 230, 30, true},
	} {
		t.Run(name, func(t *testing.T) {
			before := heap{allocated: 1000 * mebibyte}
			now := heap{(1000 + tc.allocated) * mebibyte, tc.live * mebibyte, tc.objects * mebibyte, tc.free * mebibyte}
			if got := worthGiving(before, now); got != tc.want {
				t.Errorf("%v, want %v", got, tc.want)
			}
		})
	}
}

// TestWhatABusyTimeTookIsGivenBack lets the real runtime and the kernel say so.
func TestWhatABusyTimeTookIsGivenBack(t *testing.T) {
	const much = 128 * mebibyte
	ballast := make([]byte, 8*mebibyte) // without objects that live nothing would be little
	for i := 0; i < much; i += mebibyte {
		waste = make([]byte, mebibyte)
	}
	hoard := make([][]byte, much/mebibyte)
	for i := range hoard {
		hoard[i] = make([]byte, mebibyte)
	}
	clear(hoard)
	waste = nil
	runtime.GC()
	if now := readHeap(); now.objects+now.free < much {
		t.Fatalf("the busy time took %d MiB only", (now.objects+now.free)/mebibyte)
	}
	ctx, cancel := context.WithCancel(t.Context())
	given := make(chan struct{}, 1)
	ended := make(chan error)
	go func() {
		ended <- thrift{every: 20 * time.Millisecond, give: func() {
			debug.FreeOSMemory()
			select {
			case given <- struct{}{}:
			default:
			}
		}}.Start(ctx)
	}()
	select {
	case <-given:
	case <-time.After(time.Minute):
		t.Error("nothing was given back")
	}
	if now := readHeap(); now.objects+now.free > much/2 {
		t.Errorf("it still has %d MiB", (now.objects+now.free)/mebibyte)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	runtime.KeepAlive(ballast)
}

var waste []byte

func TestTheContainersLimitIsKept(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	t.Cleanup(func() { debug.SetMemoryLimit(before) })
	for name, tc := range map[string]struct {
		limit int64
		env   string
		want  int64
	}{
		"of the container":      {512 * mebibyte, "", 483183821},
		"none":                  {0, "", math.MaxInt64},
		"somebody knows better": {512 * mebibyte, "100MiB", math.MaxInt64},
	} {
		t.Run(name, func(t *testing.T) {
			debug.SetMemoryLimit(math.MaxInt64)
			t.Setenv("GOMEMLIMIT", tc.env)
			limitMemory(tc.limit)
			if got := debug.SetMemoryLimit(-1); got != tc.want {
				t.Errorf("%d bytes, want %d", got, tc.want)
			}
		})
	}
}

// TestAnOperatorKeepsToTheLimitItIsTold, from before it reaches the API server.
func TestAnOperatorKeepsToTheLimitItIsTold(t *testing.T) {
	before := debug.SetMemoryLimit(math.MaxInt64)
	t.Cleanup(func() { debug.SetMemoryLimit(before) })
	t.Setenv("GOMEMLIMIT", "")
	args := []string{"--namespace", "x", "--kubeconfig", "/does/not/exist", "--memory-limit", "1000000000"}
	if err := RunWith(t.Context(), args, io.Discard, io.Discard, Options{Name: "test-operator"}); err == nil {
		t.Fatal("it ran without an API server")
	}
	if got := debug.SetMemoryLimit(-1); got != 900_000_000 {
		t.Errorf("%d bytes, want nine tenths of what it was told", got)
	}
}
