// SPDX-License-Identifier: Apache-2.0

package application

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// TestConditions has one line for each situation: Ready, Synced, Reconciling,
// Stalled, the actor and the count.
func TestConditions(t *testing.T) {
	trouble := fault.New(fault.Transient, workload.ReasonTargetUnreachable, "target a does not answer")
	mistake := fault.New(fault.Invalid, workload.ReasonManifestInvalid, "manifests[0]: kind is missing")
	waiting := fault.New(fault.Dependency, workload.ReasonPruning, "waiting for ConfigMap a on target b to be gone")
	objects := func(states ...workload.ObjectState) []workload.ObjectStatus {
		var out []workload.ObjectStatus
		for i, state := range states {
			out = append(out, workload.ObjectStatus{Kind: "K", Name: fmt.Sprint(i), State: state, Message: "why"})
		}
		return out
	}
	const (
		current    = workload.ObjectCurrent
		inProgress = workload.ObjectInProgress
		failing    = workload.ObjectFailed
		refusedOne = workload.ObjectRefused
		deleting   = workload.ObjectDeleting
		pending    = workload.ObjectPending
	)
	for name, test := range map[string]struct {
		o       outcome
		was     bool // Ready before
		objects []workload.ObjectStatus
		want    string
	}{
		"all current":           {outcome{}, false, objects(current, current), "Ready=Running Synced=InSync 2/2"},
		"nothing wanted":        {outcome{}, false, nil, "Ready=Running Synced=InSync "},
		"one at work":           {outcome{}, true, objects(current, inProgress), "!Ready=Applying Synced=InSync Reconciling 1/2"},
		"one not applied":       {outcome{}, false, objects(inProgress, pending), "!Ready=Applying Synced=InSync Reconciling 0/2"},
		"one failed":            {outcome{}, true, objects(current, failing), "!Ready=ObjectFailed !Synced=ObjectFailed Stalled Developer 1/2"},
		"one refused":           {outcome{}, true, objects(current, refusedOne), "!Ready=ObjectRefused !Synced=ObjectRefused Reconciling Developer 1/2"},
		"refused and failed":    {outcome{}, true, objects(failing, refusedOne), "!Ready=ObjectRefused !Synced=ObjectRefused Reconciling Developer 0/2"},
		"one leaves":            {outcome{}, true, objects(current, deleting), "Ready=Running !Synced=Pruning Reconciling 1/1"},
		"leaving another place": {outcome{waiting: waiting}, true, objects(current), "Ready=Running !Synced=Pruning Reconciling 1/1"},
		"leaving a dead place":  {outcome{waiting: trouble}, true, objects(current, deleting), "Ready=Running !Synced=TargetUnreachable Reconciling Cloud 1/1"},
		"the account was made":  {outcome{preparing: true}, false, objects(pending), "!Ready=Applying !Synced=Applying Reconciling 0/1"},
		"unreachable, new":      {outcome{err: trouble}, false, objects(pending), "!Ready=TargetUnreachable !Synced=TargetUnreachable Reconciling Cloud 0/1"},
		"unreachable, running":  {outcome{err: trouble}, true, objects(current), "Ready=Running !Synced=TargetUnreachable Reconciling Cloud 1/1"},
		"a mistake":             {outcome{err: mistake}, false, nil, "!Ready=ManifestInvalid !Synced=ManifestInvalid Stalled Developer "},
		"a mistake, running":    {outcome{err: mistake}, true, objects(current), "Ready=Running !Synced=ManifestInvalid Stalled Developer 1/1"},
		"paused":                {outcome{paused: true}, true, objects(current), "Ready=Running !Synced=Paused Developer 1/1"},
		"deleting":              {outcome{deleting: true, waiting: waiting}, true, objects(deleting), "!Ready=Pruning !Synced=Pruning Reconciling "},
		"deleting, unreachable": {outcome{deleting: true, waiting: trouble}, true, objects(deleting), "!Ready=TargetUnreachable !Synced=TargetUnreachable Reconciling Cloud "},
	} {
		t.Run(name, func(t *testing.T) {
			app := &workload.KubernetesApplication{}
			app.Status.Objects = test.objects
			if test.was {
				app.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionReady, Status: metav1.ConditionTrue, Reason: workload.ReasonRunning}}
			}
			p := newPass(app, time.Unix(100, 0))
			test.o.conclude(p)
			if diff := cmp.Diff(test.want, summary(app.Status)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			before := app.DeepCopy()
			again := newPass(app, time.Unix(200, 0))
			test.o.conclude(again)
			if diff := cmp.Diff(before, app); diff != "" {
				t.Errorf("the same outcome a second time changes something:\n%s", diff)
			}
		})
	}
}

func summary(s workload.KubernetesApplicationStatus) string {
	var words []string
	for _, typ := range []string{v1alpha1.ConditionReady, v1alpha1.ConditionSynced} {
		c := meta.FindStatusCondition(s.Conditions, typ)
		word := typ + "=" + c.Reason
		if c.Status != metav1.ConditionTrue {
			word = "!" + word
		}
		words = append(words, word)
	}
	for _, typ := range []string{v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled} {
		if meta.IsStatusConditionTrue(s.Conditions, typ) {
			words = append(words, typ)
		}
	}
	if s.Actor != v1alpha1.ActorNone {
		words = append(words, string(s.Actor))
	}
	return strings.Join(append(words, s.Current), " ")
}

func TestRequeue(t *testing.T) {
	now := time.Unix(1000, 0)
	since := func(typ string, status metav1.ConditionStatus, ago time.Duration) []metav1.Condition {
		return []metav1.Condition{{Type: typ, Status: status, LastTransitionTime: metav1.NewTime(now.Add(-ago))}}
	}
	synced := since(v1alpha1.ConditionSynced, metav1.ConditionTrue, time.Hour)
	for name, test := range map[string]struct {
		o           outcome
		c           []metav1.Condition
		least, most time.Duration
	}{
		"at rest":            {outcome{}, synced, 10 * time.Minute, 12 * time.Minute},
		"paused":             {outcome{paused: true}, nil, 10 * time.Minute, 12 * time.Minute},
		"account made":       {outcome{preparing: true}, nil, preparal, preparal},
		"new trouble":        {outcome{}, since(v1alpha1.ConditionSynced, metav1.ConditionFalse, 0), time.Second, 2 * time.Second},
		"old trouble":        {outcome{}, since(v1alpha1.ConditionSynced, metav1.ConditionFalse, time.Hour), time.Minute, 2 * time.Minute},
		"at work":            {outcome{}, append(synced, since(v1alpha1.ConditionReconciling, metav1.ConditionTrue, 20*time.Second)...), 10 * time.Second, 12 * time.Second},
		"asked to wait":      {outcome{err: &fault.Error{RetryAfter: time.Hour}}, since(v1alpha1.ConditionSynced, metav1.ConditionFalse, 0), time.Hour, time.Hour},
		"nothing left to do": {outcome{gone: true}, nil, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			if got := test.o.requeue(test.c, 10*time.Minute, now).RequeueAfter; got < test.least || got > test.most {
				t.Errorf("want %s to %s, got %s", test.least, test.most, got)
			}
		})
	}
}
