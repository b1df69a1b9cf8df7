// SPDX-License-Identifier: Apache-2.0

package provider

import (
	"errors"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

var now = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// short writes conditions as a person would read them aloud.
func short(conditions []metav1.Condition) string {
	var words []string
	for _, c := range conditions {
		words = append(words, c.Type+"="+string(c.Status)+"/"+c.Reason)
	}
	return strings.Join(words, " ")
}

func TestConditions(t *testing.T) {
	pending := []metav1.Condition{
		{Type: v1alpha1.ConditionReady, Status: metav1.ConditionUnknown, Reason: v1alpha1.ReasonPending},
		{Type: v1alpha1.ConditionSynced, Status: metav1.ConditionUnknown, Reason: v1alpha1.ReasonPending},
	}
	verified := after(pending, outcome{}, 1, now)
	refused := after(pending, outcome{err: fault.New(fault.Permission, v1alpha1.ReasonCredentialsRefused, "no")}, 1, now)
	unreachable := errors.New("no route")
	for name, tc := range map[string]struct {
		old     []metav1.Condition
		outcome outcome
		want    string
	}{
		"verified":         {pending, outcome{}, "Ready=True/Verified Synced=True/Verified"},
		"verified at last": {refused, outcome{}, "Ready=True/Verified Synced=True/Verified"},
		"refused": {verified, outcome{err: fault.New(fault.Permission, "", "no")},
			"Ready=False/PermissionDenied Synced=False/PermissionDenied Stalled=True/PermissionDenied"},
		"missing": {nil, outcome{err: fault.New(fault.Dependency, v1alpha1.ReasonCredentialsMissing, "no")},
			"Ready=False/CredentialsMissing Synced=False/CredentialsMissing Stalled=True/CredentialsMissing"},
		"out of reach": {verified, outcome{err: unreachable},
			"Ready=True/Verified Synced=False/CloudUnreachable Reconciling=True/CloudUnreachable"},
		"out of reach at first": {pending, outcome{err: unreachable},
			"Ready=Unknown/CloudUnreachable Synced=False/CloudUnreachable Reconciling=True/CloudUnreachable"},
		"out of reach, was refused": {refused, outcome{err: unreachable},
			"Ready=False/CredentialsRefused Synced=False/CloudUnreachable Reconciling=True/CloudUnreachable"},
		"in use": {verified, outcome{inUse: "in use by one"}, "Ready=True/Verified Synced=False/InUse Reconciling=True/InUse"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := short(after(tc.old, tc.outcome, 2, now)); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func TestRequeue(t *testing.T) {
	failing := func(since time.Duration) []metav1.Condition {
		return []metav1.Condition{{Type: v1alpha1.ConditionSynced, Status: metav1.ConditionFalse, LastTransitionTime: metav1.NewTime(now.Add(-since))}}
	}
	boo := errors.New("boo")
	for name, tc := range map[string]struct {
		outcome     outcome
		conditions  []metav1.Condition
		least, most time.Duration
	}{
		"gone":             {outcome: outcome{gone: true}},
		"in use":           {outcome: outcome{inUse: "x"}, least: whileInUse, most: whileInUse},
		"verified":         {least: 10 * time.Minute, most: 12 * time.Minute},
		"first error":      {outcome: outcome{err: boo}, least: time.Second, most: 2 * time.Second},
		"lasting error":    {outcome: outcome{err: boo}, conditions: failing(20 * time.Second), least: 10 * time.Second, most: 12 * time.Second},
		"error for ever":   {outcome: outcome{err: boo}, conditions: failing(time.Hour), least: time.Minute, most: 72 * time.Second},
		"told to stay off": {outcome: outcome{err: &fault.Error{Class: fault.Throttled, RetryAfter: time.Hour, Err: boo}}, least: time.Hour, most: time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			got := requeue(tc.outcome, tc.conditions, defaultPoll, now).RequeueAfter
			if got < tc.least || got > tc.most {
				t.Errorf("got %s, want %s to %s", got, tc.least, tc.most)
			}
		})
	}
}
