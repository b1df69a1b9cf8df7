// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"context"
	"errors"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

func TestStateOf(t *testing.T) {
	t.Parallel()
	is := func(typ string, status metav1.ConditionStatus, reason string) metav1.Condition {
		return metav1.Condition{Type: typ, Status: status, Reason: reason}
	}
	usable := is("Ready", "True", v1alpha1.ReasonAvailable)
	for name, tc := range map[string]struct {
		deleted    bool
		conditions []metav1.Condition
		want       State
	}{
		"new":               {want: StatePending},
		"schema default":    {conditions: []metav1.Condition{is("Ready", "Unknown", v1alpha1.ReasonPending)}, want: StatePending},
		"being made":        {conditions: []metav1.Condition{is("Ready", "False", v1alpha1.ReasonCreating)}, want: StateCreating},
		"usable":            {conditions: []metav1.Condition{usable}, want: StateReady},
		"usable, unsynced":  {conditions: []metav1.Condition{usable, is("Synced", "False", "Throttled")}, want: StateReady},
		"usable, stalled":   {conditions: []metav1.Condition{usable, is("Stalled", "True", "ImmutableFieldChanged")}, want: StateStalled},
		"down":              {conditions: []metav1.Condition{is("Ready", "False", v1alpha1.ReasonUnavailable)}, want: StateNotReady},
		"deleted and ready": {deleted: true, conditions: []metav1.Condition{usable}, want: StateDeleting},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			obj := &corev1.Pod{}
			if tc.deleted {
				obj.DeletionTimestamp = new(metav1.Now())
			}
			if got := StateOf(obj, tc.conditions); got != tc.want {
				t.Errorf("state %s, want %s", got, tc.want)
			}
		})
	}
}

func TestCensusCountsEveryState(t *testing.T) {
	reader := fake.NewClientBuilder().WithObjects(pod("a", "True"), pod("b", "True"), pod("c", "False")).Build()
	register(t, NewManagedCensus(reader, pods("Pod")))

	for state, want := range map[State]float64{StateReady: 2, StateNotReady: 1, StateDeleting: 0} {
		got := find(t, "crossplane_managed_resources", map[string]string{"kind": "Pod", "state": string(state)}).GetGauge().GetValue()
		if got != want {
			t.Errorf("%s: %v, want %v", state, got, want)
		}
	}
}

func TestCensusLeavesOutWhatItCannotList(t *testing.T) {
	reader := interceptor.NewClient(fake.NewClientBuilder().WithObjects(pod("a", "True")).Build(), interceptor.Funcs{
		List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, opts ...client.ListOption) error {
			if _, ok := list.(*corev1.SecretList); ok {
				return errors.New("not synced")
			}
			return c.List(ctx, list, opts...)
		},
	})
	broken := pods("Broken")
	broken.NewList = func() client.ObjectList { return &corev1.SecretList{} }
	census := NewClaimCensus(reader, broken, pods("Pod"))
	register(t, census)

	series := make(chan prometheus.Metric, 100)
	census.Collect(series)
	if got, want := len(series), len(States()); got != want {
		t.Errorf("%d series, want the %d of the kind that can be listed", got, want)
	}
}

func TestCensusOfANewManagerReplacesTheOld(t *testing.T) {
	register(t, NewManagedCensus(fake.NewClientBuilder().Build(), pods("Pod")))
	register(t, NewManagedCensus(fake.NewClientBuilder().WithObjects(pod("a", "True")).Build(), pods("Pod")))
	if got := find(t, "crossplane_managed_resources", map[string]string{"kind": "Pod", "state": "Ready"}).GetGauge().GetValue(); got != 1 {
		t.Errorf("ready: %v, want what the second reader has", got)
	}
}

func register(t *testing.T, c *Census) {
	t.Helper()
	if err := c.Register(); err != nil {
		t.Fatal(err)
	}
}

// pods lets pods stand in for managed resources.
func pods(kind string) Counted {
	return Counted{
		Kind:    kind,
		NewList: func() client.ObjectList { return &corev1.PodList{} },
		Conditions: func(obj client.Object) []metav1.Condition {
			return []metav1.Condition{{
				Type: v1alpha1.ConditionReady, Status: metav1.ConditionStatus(obj.GetLabels()["ready"]), Reason: v1alpha1.ReasonAvailable,
			}}
		},
	}
}

func pod(name, ready string) *corev1.Pod {
	return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, Labels: map[string]string{"ready": ready}}}
}
