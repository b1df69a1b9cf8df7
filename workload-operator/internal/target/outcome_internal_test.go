// SPDX-License-Identifier: Apache-2.0

package target

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// TestStory follows a target through looks that succeed and fail.
func TestStory(t *testing.T) {
	good := outcome{seen: &sight{uid: "u", version: "v1.37.1", nodes: nodes{count: 2}}}
	mute := outcome{err: fault.New(fault.Transient, workload.ReasonUnreachable, "no answer")}
	refused := outcome{err: fault.New(fault.Permission, workload.ReasonCredentialsRefused, "who are you")}
	at := func(seconds int64) *metav1.Time { return &metav1.Time{Time: time.Unix(seconds, 0)} }
	type look struct {
		ready, synced          string
		reachable, unreachable *metav1.Time
		stalled                bool
	}
	for name, test := range map[string]struct {
		outcomes []outcome // one each second
		want     look
	}{
		"seen":              {[]outcome{good}, look{"Reachable", "Reachable", at(1), nil, false}},
		"seen again":        {[]outcome{good, good}, look{"Reachable", "Reachable", at(1), nil, false}},
		"one failed look":   {[]outcome{good, mute}, look{"Reachable", "Unreachable", at(1), nil, false}},
		"two failed looks":  {[]outcome{good, mute, mute}, look{"Unreachable", "Unreachable", nil, at(2), false}},
		"three":             {[]outcome{good, mute, mute, mute}, look{"Unreachable", "Unreachable", nil, at(2), false}},
		"back":              {[]outcome{good, mute, mute, good}, look{"Reachable", "Reachable", at(4), nil, false}},
		"a hiccup":          {[]outcome{good, mute, good, mute}, look{"Reachable", "Unreachable", at(1), nil, false}},
		"never seen, once":  {[]outcome{mute}, look{"Pending", "Unreachable", nil, nil, false}},
		"never seen, twice": {[]outcome{mute, mute}, look{"Unreachable", "Unreachable", nil, at(1), false}},
		"an answer, but no": {[]outcome{good, refused}, look{"CredentialsRefused", "CredentialsRefused", at(1), nil, false}},
		"the wrong cluster": {[]outcome{good, {err: fault.New(fault.Invalid, workload.ReasonClusterChanged, "no")}}, look{"ClusterChanged", "ClusterChanged", at(1), nil, true}},
		"leaving, mute":     {[]outcome{good, {inUse: "a", err: mute.err}}, look{"Unreachable", "InUse", nil, at(2), false}},
		"leaving, in use":   {[]outcome{good, {inUse: "a", seen: good.seen}}, look{"Reachable", "InUse", at(1), nil, false}},
	} {
		t.Run(name, func(t *testing.T) {
			is := &workload.KubernetesTarget{}
			is.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionReady, Status: metav1.ConditionUnknown, Reason: v1alpha1.ReasonPending}}
			for i, o := range test.outcomes {
				o.conclude(is, time.Unix(int64(i+1), 0))
			}
			s := is.Status
			got := look{
				meta.FindStatusCondition(s.Conditions, v1alpha1.ConditionReady).Reason, meta.FindStatusCondition(s.Conditions, v1alpha1.ConditionSynced).Reason,
				s.ReachableSince, s.UnreachableSince, meta.IsStatusConditionTrue(s.Conditions, v1alpha1.ConditionStalled),
			}
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(look{})); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestRequeue(t *testing.T) {
	now := time.Unix(1000, 0)
	failing := func(ago time.Duration) []metav1.Condition {
		return []metav1.Condition{{Type: v1alpha1.ConditionSynced, Status: metav1.ConditionFalse, LastTransitionTime: metav1.NewTime(now.Add(-ago))}}
	}
	trouble := outcome{err: &fault.Error{Class: fault.Transient, Err: errors.New("no answer")}}
	for name, test := range map[string]struct {
		o           outcome
		c           []metav1.Condition
		least, most time.Duration
	}{
		"at rest":       {outcome{}, nil, time.Minute, 72 * time.Second},
		"first failure": {trouble, failing(0), 2 * time.Second, 3 * time.Second},
		"long away":     {trouble, failing(time.Hour), 30 * time.Second, 36 * time.Second},
		"in use":        {outcome{inUse: "a"}, nil, whileInUse, whileInUse},
		"gone":          {outcome{gone: true}, nil, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			if got := test.o.requeue(test.c, time.Minute, now).RequeueAfter; got < test.least || got > test.most {
				t.Errorf("want %s to %s, got %s", test.least, test.most, got)
			}
		})
	}
}

func TestJudge(t *testing.T) {
	for name, test := range map[string]struct {
		known    string
		allowHub bool
		uid      string
		want     string
	}{
		"new":               {"", false, "u", ""},
		"the same":          {"u", false, "u", ""},
		"another":           {"u", false, "v", workload.ReasonClusterChanged},
		"the hub":           {"", false, "hub", workload.ReasonHubRefused},
		"the hub, allowed":  {"", true, "hub", ""},
		"moved to the hub":  {"u", true, "hub", workload.ReasonClusterChanged},
		"the hub, again":    {"hub", true, "hub", ""},
		"no longer allowed": {"hub", false, "hub", workload.ReasonHubRefused},
	} {
		t.Run(name, func(t *testing.T) {
			is := &workload.KubernetesTarget{}
			is.Spec.AllowHub, is.Status.ClusterUID = test.allowHub, test.known
			got := ""
			if err := judge(is, test.uid, "hub"); err != nil {
				got = fault.Of(err).Reason
			}
			if got != test.want {
				t.Errorf("want %q, got %q", test.want, got)
			}
		})
	}
}
