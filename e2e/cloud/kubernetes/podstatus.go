// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// interrupted is the exit code of a program that ended because it was asked to.
const interrupted = 143

// over reports whether all containers of a pod have ended for good.
func over(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
}

// finite reports whether a pod's work comes to an end: that of a Job does.
func finite(pod *corev1.Pod) bool {
	owner := metav1.GetControllerOf(pod)
	return owner != nil && owner.Kind == "Job"
}

// run makes the status that of a pod whose containers run. It has an address
// already.
func run(pod *corev1.Pod, now metav1.Time) {
	status := &pod.Status
	status.Phase, status.ObservedGeneration = corev1.PodRunning, pod.Generation
	status.PodIPs = []corev1.PodIP{{IP: status.PodIP}}
	if status.StartTime == nil {
		status.StartTime = &now
		running := corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: now}}
		status.InitContainerStatuses = initialized(pod, now)
		status.ContainerStatuses = containers(pod.Spec.Containers, running)
	}
	for _, typ := range []corev1.PodConditionType{corev1.PodReadyToStartContainers, corev1.PodInitialized, corev1.ContainersReady} {
		condition(pod, typ, corev1.ConditionTrue, "", now)
	}
	if slices.ContainsFunc(pod.Spec.ReadinessGates, func(g corev1.PodReadinessGate) bool { return !holds(pod, g.ConditionType) }) {
		condition(pod, corev1.PodReady, corev1.ConditionFalse, "ReadinessGatesNotReady", now)
		return
	}
	condition(pod, corev1.PodReady, corev1.ConditionTrue, "", now)
}

// end makes the status that of a pod whose containers have ended, well or because
// they were asked to.
func end(pod *corev1.Pod, phase corev1.PodPhase, now metav1.Time) {
	status := &pod.Status
	status.Phase, status.ObservedGeneration = phase, pod.Generation
	ended := &corev1.ContainerStateTerminated{Reason: "Completed", StartedAt: now, FinishedAt: now}
	if status.StartTime != nil {
		ended.StartedAt = *status.StartTime
	}
	if phase == corev1.PodFailed {
		ended.Reason, ended.ExitCode = "Error", interrupted
	}
	status.ContainerStatuses = containers(pod.Spec.Containers, corev1.ContainerState{Terminated: ended})
	for _, typ := range []corev1.PodConditionType{corev1.ContainersReady, corev1.PodReady} {
		condition(pod, typ, corev1.ConditionFalse, "PodCompleted", now)
	}
}

// initialized are the init containers, which have done their work, and those that
// run beside the others.
func initialized(pod *corev1.Pod, now metav1.Time) []corev1.ContainerStatus {
	var all []corev1.ContainerStatus
	for _, c := range pod.Spec.InitContainers {
		state := corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Reason: "Completed", StartedAt: now, FinishedAt: now}}
		if c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			state = corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: now}}
		}
		one := containers([]corev1.Container{c}, state)
		one[0].Ready = true // as kubelets have it for both
		all = append(all, one...)
	}
	return all
}

func containers(specs []corev1.Container, state corev1.ContainerState) []corev1.ContainerStatus {
	all := make([]corev1.ContainerStatus, 0, len(specs))
	for _, c := range specs {
		runs := state.Running != nil
		all = append(all, corev1.ContainerStatus{Name: c.Name, Image: c.Image, ImageID: c.Image, State: *state.DeepCopy(), Ready: runs, Started: &runs})
	}
	return all
}

func holds(pod *corev1.Pod, typ corev1.PodConditionType) bool {
	return slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == typ && c.Status == corev1.ConditionTrue
	})
}

// condition sets a condition. Its time is that of the last change of its status.
func condition(pod *corev1.Pod, typ corev1.PodConditionType, status corev1.ConditionStatus, reason string, now metav1.Time) {
	want := corev1.PodCondition{Type: typ, Status: status, Reason: reason, LastTransitionTime: now, ObservedGeneration: pod.Generation}
	i := slices.IndexFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool { return c.Type == typ })
	if i < 0 {
		pod.Status.Conditions = append(pod.Status.Conditions, want)
		return
	}
	if have := pod.Status.Conditions[i]; have.Status == status {
		want.LastTransitionTime = have.LastTransitionTime
	}
	pod.Status.Conditions[i] = want
}
