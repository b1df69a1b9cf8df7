// SPDX-License-Identifier: Apache-2.0

package managedtest

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/kubetest/argo"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// check fails the test if the object's status breaks a rule that holds at every
// moment of every object's life.
func (s *scene[MR, Obs]) check(mr MR) {
	s.t.Helper()
	_, st := mr.Managed()
	c := st.Conditions
	s.checkArgo(mr)
	if st.ObservedGeneration == 0 {
		return // not looked at yet
	}
	if len(c) < 2 || c[0].Type != v1alpha1.ConditionReady || c[1].Type != v1alpha1.ConditionSynced {
		s.t.Fatalf("Ready and Synced come first, always: %+v", c)
	}
	for _, one := range c[2:] {
		if one.Status != "True" {
			s.t.Errorf("%s is present only while it is True: %+v", one.Type, one)
		}
	}
	if holds(mr, v1alpha1.ConditionReconciling) && holds(mr, v1alpha1.ConditionStalled) {
		s.t.Errorf("work can't be under way and stalled: %+v", c)
	}
	for _, one := range c {
		if one.Reason == "" || one.LastTransitionTime.IsZero() {
			s.t.Errorf("a condition says why and since when: %+v", one)
		}
		if one.Type == v1alpha1.ConditionSynced && one.Status == "False" && one.Message == "" {
			s.t.Errorf("a refusal says what to do: %+v", one)
		}
	}
	s.checkKstatus(mr)
	s.checkSecrecy(mr)
}

// checkKstatus compares with what kubectl wait, Flux and Helm conclude.
func (s *scene[MR, Obs]) checkKstatus(mr MR) {
	s.t.Helper()
	u, err := runtime.DefaultUnstructuredConverter.ToUnstructured(mr)
	if err != nil {
		s.t.Fatal(err)
	}
	result, err := status.Compute(&unstructured.Unstructured{Object: u})
	if err != nil {
		s.t.Fatal(err)
	}
	_, st := mr.Managed()
	want := status.CurrentStatus
	switch {
	case mr.GetDeletionTimestamp() != nil:
		want = status.TerminatingStatus
	case st.ObservedGeneration != mr.GetGeneration():
		want = status.InProgressStatus
	case holds(mr, v1alpha1.ConditionStalled):
		want = status.FailedStatus
	case holds(mr, v1alpha1.ConditionReconciling), !holds(mr, v1alpha1.ConditionReady):
		want = status.InProgressStatus
	}
	if result.Status != want {
		s.t.Errorf("kstatus: got %s (%s), want %s: %+v", result.Status, result.Message, want, st.Conditions)
	}
}

// checkArgo compares with what Argo CD shows: what can be used is healthy, whatever
// else is the matter with it, and what can't be is degraded where something is in
// the way.
func (s *scene[MR, Obs]) checkArgo(mr MR) {
	s.t.Helper()
	u, err := runtime.DefaultUnstructuredConverter.ToUnstructured(mr)
	if err != nil {
		s.t.Fatal(err)
	}
	_, st := mr.Managed()
	want := argo.Progressing
	switch {
	case holds(mr, v1alpha1.ConditionReady):
		want = argo.Healthy
	case meta.IsStatusConditionFalse(st.Conditions, v1alpha1.ConditionSynced):
		want = argo.Degraded
	}
	if got := argo.Health(u); got != want {
		s.t.Errorf("Argo CD: got %s, want %s: %+v", got, want, st.Conditions)
	}
}

// checkSecrecy looks for the values of secrets in the object.
func (s *scene[MR, Obs]) checkSecrecy(mr MR) {
	s.t.Helper()
	raw, err := json.Marshal(mr)
	if err != nil {
		s.t.Fatal(err)
	}
	gvk, err := s.kube.GroupVersionKindFor(mr)
	if err != nil {
		s.t.Fatal(err)
	}
	stored := &corev1.Secret{}
	err = s.kube.Get(s.t.Context(), client.ObjectKey{Namespace: connectionNamespace, Name: managed.SecretName(gvk.Kind, mr)}, stored)
	if client.IgnoreNotFound(err) != nil {
		s.t.Fatal(err)
	}
	for key, value := range stored.Data {
		secret := strings.HasPrefix(key, v1alpha1.KeyPassword) || key == v1alpha1.KeyToken || key == v1alpha1.KeyKubeconfig
		if secret && bytes.Contains(raw, value) {
			s.t.Errorf("the object shows %s of secret %s", key, stored.Name)
		}
	}
}
