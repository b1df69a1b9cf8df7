// SPDX-License-Identifier: Apache-2.0

package remote_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/workload-operator/internal/remote"
)

func TestReduce(t *testing.T) {
	type seen struct {
		State             status.Status
		Replicas, Address string
	}
	for name, test := range map[string]struct {
		object string
		want   seen
	}{
		"a config map":         {"{kind: ConfigMap, apiVersion: v1}", seen{status.CurrentStatus, "", ""}},
		"a new deployment":     {"{kind: Deployment, apiVersion: apps/v1, spec: {replicas: 2}}", seen{status.InProgressStatus, "0/2", ""}},
		"a deployment":         {"{kind: Deployment, apiVersion: apps/v1, spec: {replicas: 2}, status: {readyReplicas: 1, replicas: 2}}", seen{status.InProgressStatus, "1/2", ""}},
		"a daemon set":         {"{kind: DaemonSet, apiVersion: apps/v1, status: {desiredNumberScheduled: 3, numberReady: 1}}", seen{status.InProgressStatus, "1/3", ""}},
		"a service with an IP": {"{kind: Service, apiVersion: v1, spec: {type: ClusterIP}, status: {loadBalancer: {ingress: [{ip: 192.0.2.1}]}}}", seen{status.CurrentStatus, "", "192.0.2.1"}},
		"an ingress with a name": {"{kind: Ingress, apiVersion: networking.k8s.io/v1, status: {loadBalancer: {ingress: [{hostname: a.example.org, ip: 192.0.2.1}]}}}",
			seen{status.CurrentStatus, "", "a.example.org"}},
		"one that failed": {`{kind: Job, apiVersion: batch/v1, status: {conditions: [{type: Failed, status: "True"}]}}`, seen{status.FailedStatus, "", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			o := remote.Reduce(parsed(t, test.object))
			if diff := cmp.Diff(test.want, seen{o.State, o.Replicas, o.Address}); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestOwned: the digest is of the fields that we own by apply, and of nothing else.
func TestOwned(t *testing.T) {
	of := func(entries string) string {
		return remote.Reduce(parsed(t, "{kind: ConfigMap, apiVersion: v1, metadata: {name: a, managedFields: ["+entries+"]}}")).Owned
	}
	const (
		ours   = `{manager: crossplane-workload, operation: Apply, apiVersion: v1, fieldsType: FieldsV1, fieldsV1: {"f:data": {"f:a": {}}}}`
		less   = `{manager: crossplane-workload, operation: Apply, apiVersion: v1, fieldsType: FieldsV1, fieldsV1: {"f:data": {}}}`
		theirs = `{manager: kubectl, operation: Update, apiVersion: v1, fieldsType: FieldsV1, fieldsV1: {"f:data": {"f:b": {}}}}`
		update = `{manager: crossplane-workload, operation: Update, apiVersion: v1, fieldsType: FieldsV1, fieldsV1: {"f:data": {"f:c": {}}}}`
	)
	switch {
	case of(theirs) != "" || of(update) != "":
		t.Error("nothing of it is ours by apply")
	case of(ours) == "" || of(ours) == of(less):
		t.Error("a field that was taken makes a difference")
	case of(ours) != of(theirs+","+ours):
		t.Error("what others own makes none")
	}
}

func parsed(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	u := &unstructured.Unstructured{}
	raw, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := u.UnmarshalJSON(raw); err != nil {
		t.Fatal(err)
	}
	return u
}

func TestClassify(t *testing.T) {
	thing := schema.GroupResource{Resource: "things"}
	throttled := apierrors.NewTooManyRequests("slow down", 7)
	for name, test := range map[string]struct {
		err    error
		class  fault.Class
		reason string
		after  time.Duration
	}{
		"no answer":        {errors.New("dial tcp: connection refused"), fault.Transient, workload.ReasonUnreachable, 0},
		"who are you":      {apierrors.NewUnauthorized("no"), fault.Permission, workload.ReasonCredentialsRefused, 0},
		"you may not":      {apierrors.NewForbidden(thing, "a", errors.New("no")), fault.Permission, workload.ReasonRightsMissing, 0},
		"slow down":        {throttled, fault.Throttled, v1alpha1.ReasonThrottled, 7 * time.Second},
		"conflict":         {apierrors.NewConflict(thing, "a", errors.New("no")), fault.Conflict, v1alpha1.ReasonConflict, 0},
		"not there":        {apierrors.NewNotFound(thing, "a"), fault.Gone, v1alpha1.ReasonGone, 0},
		"nonsense":         {apierrors.NewBadRequest("no"), fault.Invalid, workload.ReasonObjectRefused, 0},
		"its own trouble":  {apierrors.NewInternalError(errors.New("no")), fault.Transient, workload.ReasonUnreachable, 0},
		"no such kind":     {fmt.Errorf("%w: a", remote.ErrNoKind), fault.Dependency, workload.ReasonObjectRefused, 0},
		"known already":    {fault.New(fault.Invalid, "Why", "so"), fault.Invalid, "Why", 0},
		"wrapped, however": {fmt.Errorf("reading: %w", apierrors.NewUnauthorized("no")), fault.Permission, workload.ReasonCredentialsRefused, 0},
	} {
		t.Run(name, func(t *testing.T) {
			got := remote.Classify(test.err)
			if got.Class != test.class || got.ConditionReason() != test.reason || got.RetryAfter != test.after {
				t.Errorf("got %+v", got)
			}
		})
	}
	if remote.Classify(nil) != nil {
		t.Error("nothing is no error")
	}
}
