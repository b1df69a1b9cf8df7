// SPDX-License-Identifier: Apache-2.0

package target

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

func cpu(quantity string) corev1.ResourceList {
	return corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(quantity)}
}

func container(quantity string) corev1.Container {
	return corev1.Container{Resources: corev1.ResourceRequirements{Requests: cpu(quantity)}}
}

func TestRequests(t *testing.T) {
	always := container("1")
	always.RestartPolicy = new(corev1.ContainerRestartPolicyAlways)
	for name, test := range map[string]struct {
		pod  corev1.Pod
		want string
	}{
		"containers add up":      {corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{container("1"), container("500m")}}}, "1500m"},
		"a large init container": {corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{container("1")}, InitContainers: []corev1.Container{container("2")}}}, "2"},
		"a small init container": {corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{container("1")}, InitContainers: []corev1.Container{container("100m")}}}, "1"},
		"a sidecar":              {corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{container("1")}, InitContainers: []corev1.Container{always}}}, "2"},
		"overhead":               {corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{container("1")}, Overhead: cpu("250m")}}, "1250m"},
		"ended": {corev1.Pod{
			Spec: corev1.PodSpec{Containers: []corev1.Container{container("1")}}, Status: corev1.PodStatus{Phase: corev1.PodSucceeded},
		}, "0"},
	} {
		t.Run(name, func(t *testing.T) {
			got := requests(&test.pod)[corev1.ResourceCPU]
			if want := resource.MustParse(test.want); got.Cmp(want) != 0 {
				t.Errorf("want %s, got %s", test.want, got.String())
			}
		})
	}
}

func TestSettled(t *testing.T) {
	of := func(allocatable, requested string) v1alpha1.Capacity {
		return v1alpha1.Capacity{
			Allocatable: map[string]resource.Quantity{"cpu": resource.MustParse(allocatable)},
			Requested:   map[string]resource.Quantity{"cpu": resource.MustParse(requested)},
		}
	}
	foreign := func(quantity string) v1alpha1.Capacity {
		c := of("100", "20")
		c.Foreign = map[string]resource.Quantity{"cpu": resource.MustParse(quantity)}
		return c
	}
	for name, test := range map[string]struct {
		old, now v1alpha1.Capacity
		kept     bool
	}{
		"the same":           {of("100", "10"), of("100", "10"), true},
		"a pod more":         {of("100", "10"), of("100", "12"), true},
		"many pods more":     {of("100", "10"), of("100", "16"), false},
		"many pods less":     {of("100", "10"), of("100", "4"), false},
		"a node more":        {of("100", "10"), of("101", "10"), false},
		"for the first time": {v1alpha1.Capacity{}, of("100", "0"), false},
		"not to be seen":     {of("100", "10"), v1alpha1.Capacity{}, false},
		"written otherwise":  {of("100", "1"), of("100", "1000m"), true},
		"other pods":         {foreign("10"), foreign("14"), true},
		"many other pods":    {foreign("10"), foreign("16"), false},
	} {
		t.Run(name, func(t *testing.T) {
			want := test.now
			if test.kept {
				want = test.old
			}
			if diff := cmp.Diff(want, settled(test.old, test.now)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
