// SPDX-License-Identifier: Apache-2.0

package workloads

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/e2e/wait"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

const (
	versionKey = "version"
	ownerKey   = "application"
)

var errWrong = errors.New("not as it was applied")

// change is an application that was made or changed, and when that was due.
type change struct {
	sight

	due time.Time
}

// application returns the i-th application in a version: targets take turns.
func (r *run) application(i, version int) *workload.KubernetesApplication {
	target, name := r.targets[i%r.Targets].name, fmt.Sprintf("a-%03d", i/r.Targets)
	object, _ := json.Marshal(map[string]any{ //nolint:errchkjson // it can always be written
		"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": name},
		"data": map[string]any{versionKey: strconv.Itoa(version), ownerKey: target + "/" + name},
	})
	m := workload.Manifest{}
	m.Raw = object
	return &workload.KubernetesApplication{
		ObjectMeta: metav1.ObjectMeta{Namespace: target, Name: name},
		Spec:       workload.KubernetesApplicationSpec{TargetRef: &v1alpha1.Reference{Name: target}, Manifests: []workload.Manifest{m}},
	}
}

// make makes an application.
func (r *run) make(ctx context.Context, a *workload.KubernetesApplication) error {
	return r.hub.Client.Create(ctx, a) //nolint:wrapcheck // who calls it says what is done
}

// edit gives an application other manifests.
func (r *run) edit(ctx context.Context, a *workload.KubernetesApplication) error {
	return r.hub.Client.Patch(ctx, a, client.MergeFrom(&workload.KubernetesApplication{ObjectMeta: *a.ObjectMeta.DeepCopy()})) //nolint:wrapcheck // as above
}

// apply carries out do for some applications at a rate, each when it is due
// whether or not those before are done; a rate of 0 makes all due at once.
func (r *run) apply(ctx context.Context, which []int, rate float64, do func(context.Context, *workload.KubernetesApplication) error) ([]change, error) {
	r.version++
	changes, failures := make([]change, len(which)), make([]error, len(which))
	writers := make(chan struct{}, 64) // as many as the API server takes at a time; not reached at a rate that it keeps up with
	began := time.Now()
	var wait sync.WaitGroup
	for n, i := range which {
		due := began
		if rate > 0 {
			due = began.Add(time.Duration(float64(n) / rate * float64(time.Second)))
		}
		time.Sleep(time.Until(due))
		a := r.application(i, r.version)
		changes[n] = change{sight{a.Namespace, a.Name, strconv.Itoa(r.version)}, due}
		writers <- struct{}{}
		wait.Go(func() {
			failures[n] = do(ctx, a)
			<-writers
		})
	}
	wait.Wait()
	if err := errors.Join(failures...); err != nil {
		return nil, fmt.Errorf("writing applications: %w", err)
	}
	return changes, nil
}

// propagated waits until all changes were seen on the cluster, and returns how long
// each took since it was due, in milliseconds and in order of size.
func (r *run) propagated(ctx context.Context, changes []change) ([]float64, error) {
	var took []float64
	err := await(ctx, "all changes have arrived", func(context.Context) (bool, error) {
		took = took[:0]
		for _, c := range changes {
			at := r.seen.of(c.sight)
			if at.IsZero() {
				return false, fmt.Errorf("%w: %d of %d are there; not %v", wait.ErrTooLong, len(took), len(changes), c.sight)
			}
			took = append(took, float64(at.Sub(c.due).Microseconds())/1000)
		}
		return true, nil
	})
	slices.Sort(took)
	return took, err
}

// quantile returns the least of the sorted values that a part q of them does not
// exceed; of none it is 0.
func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[max(int(math.Ceil(q*float64(len(sorted)))), 1)-1]
}

// readBack sees that each changed object is what was applied, and returns how many
// there are.
func (r *run) readBack(ctx context.Context, changes []change) (int, error) {
	there := map[sight]string{}
	list := &corev1.ConfigMapList{}
	for {
		err := r.there.List(ctx, list, client.HasLabels{workload.LabelApplicationUID}, client.Limit(500), client.Continue(list.Continue))
		if err != nil {
			return 0, fmt.Errorf("reading the objects: %w", err)
		}
		for _, m := range list.Items {
			there[sight{m.Namespace, m.Name, m.Data[versionKey]}] = m.Data[ownerKey]
		}
		if list.Continue == "" {
			break
		}
	}
	for _, c := range changes {
		if there[c.sight] != c.target+"/"+c.name {
			return 0, fmt.Errorf("%w: %v", errWrong, c.sight)
		}
	}
	return len(there), nil
}
