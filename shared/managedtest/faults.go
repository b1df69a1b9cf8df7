// SPDX-License-Identifier: Apache-2.0

package managedtest

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
)

// how is in which way an operation goes wrong.
type how string

const (
	crashAfter how = "crash"       // the operation took effect, and the operator dies
	failBefore how = "fail"        // the operation is refused
	failAfter  how = "lost answer" // the operation took effect, and its answer is an error
)

// crashed is what a crash of the operator panics with.
type crashed struct{ at string }

// faults lets the nth operation go wrong: every write to the API and every
// cloud call counts.
type faults struct {
	count int    // operations so far
	at    int    // which goes wrong; 0: none
	how   how    // in which way
	err   error  // what a failing operation returns
	hit   string // the operation that went wrong, once it did
	write int    // writes to the API that were sent
	calls int    // cloud calls that were sent
	issue int    // credentials that were issued
	dark  error  // nothing can be looked at, for this reason
}

// arm lets the nth operation from now on go wrong.
func (f *faults) arm(n int, how how, err error) {
	f.count, f.at, f.how, f.err, f.hit = 0, n, how, err, ""
}

func (f *faults) do(name string, op func() error) error {
	f.count++
	if f.count != f.at {
		return op()
	}
	f.hit = name
	if f.how == crashAfter || f.how == failAfter {
		if err := op(); err != nil {
			return err
		}
	}
	if f.how == crashAfter {
		panic(crashed{name})
	}
	return fmt.Errorf("%s: %w", name, f.err)
}

func (f *faults) api(name string, op func() error) error {
	return f.do(name, func() error { f.write++; return op() })
}

func (f *faults) cloud(name string, op func() error) error {
	return f.do(name, func() error { f.calls++; return op() })
}

// client returns c with the faults in every write.
func (f *faults) client(c client.WithWatch) client.Client {
	return interceptor.NewClient(c, interceptor.Funcs{
		Create: func(ctx context.Context, c client.WithWatch, obj client.Object, opts ...client.CreateOption) error {
			return f.api("create "+kindOf(obj), func() error { return c.Create(ctx, obj, opts...) })
		},
		Update: func(ctx context.Context, c client.WithWatch, obj client.Object, opts ...client.UpdateOption) error {
			return f.api("update "+kindOf(obj), func() error { return c.Update(ctx, obj, opts...) })
		},
		Patch: func(ctx context.Context, c client.WithWatch, obj client.Object, p client.Patch, opts ...client.PatchOption) error {
			return f.api("patch metadata", func() error { return c.Patch(ctx, obj, p, opts...) })
		},
		SubResourceApply: func(ctx context.Context, c client.Client, sub string, obj runtime.ApplyConfiguration, opts ...client.SubResourceApplyOption) error {
			return f.api("apply "+sub, func() error { return c.SubResource(sub).Apply(ctx, obj, opts...) })
		},
	})
}

func kindOf(obj client.Object) string {
	return fmt.Sprintf("%T", obj)
}
