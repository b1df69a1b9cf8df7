// SPDX-License-Identifier: Apache-2.0

package managedtest

import (
	"testing"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/shared/kubetest"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// Conformance checks that a kind and the reconciler together keep what the
// contract promises. subject returns the kind with a new, empty cloud each time.
// The kind's CRD is installed in the cluster, and its types are in the scheme.
//
// The operator crashes after each of its operations once. What else can happen to
// an operation (Thorough) is the reconciler's to get over: a kind keeps nothing
// between two calls, and can't tell the difference.
func Conformance[MR managed.Resource, Obs any](t *testing.T, cluster *kubetest.Cluster, subject func(t *testing.T) Subject[MR, Obs]) {
	t.Helper()
	conformance(t, cluster, subject, crashAfter)
}

// Thorough is Conformance with every way for an operation to go wrong. It is for
// kinds that stand for all others when the reconciler itself is tested.
func Thorough[MR managed.Resource, Obs any](t *testing.T, cluster *kubetest.Cluster, subject func(t *testing.T) Subject[MR, Obs]) {
	t.Helper()
	conformance(t, cluster, subject, crashAfter, failBefore, failAfter)
}

func conformance[MR managed.Resource, Obs any](t *testing.T, cluster *kubetest.Cluster, subject func(t *testing.T) Subject[MR, Obs], ways ...how) {
	t.Helper()
	config := rest.CopyConfig(cluster.Config)
	config.QPS = -1 // no limit of our own
	// One client for all stories: each would ask the API for its kinds first.
	kube, err := client.NewWithWatch(config, client.Options{Scheme: cluster.Scheme})
	if err != nil {
		t.Fatal(err)
	}
	c := suite[MR, Obs]{kube, subject, ways}
	for name, story := range map[string]func(*testing.T){
		"Life":                  c.life,
		"SpecChange":            c.specChange,
		"Drift":                 c.drift,
		"CrashWhileMaking":      c.crashWhileMaking,
		"CrashWhileRemoval":     c.crashWhileRemoving,
		"Errors":                c.errors,
		"ErrorsAgain":           c.errorsAgain,
		"Invisible":             c.invisible,
		"Nobodys":               c.nobodys,
		"Adopted":               c.adopted,
		"Foreign":               c.foreign,
		"ObserveOnly":           c.observeOnly,
		"Paused":                c.paused,
		"ReconcileNow":          c.reconcileNow,
		"Orphaned":              c.orphaned,
		"Vanished":              c.vanished,
		"Taken":                 c.taken,
		"Restored":              c.restored,
		"HandedOver":            c.handedOver,
		"HandedOverToBeDeleted": c.handedOverToBeDeleted,
		"CrashWhileHandedOver":  c.crashWhileHandedOver,
		"CRDRemoved":            c.crdRemoved,
		"Rotation":              c.rotation,
		"PasswordLost":          c.passwordLost,
		"CrashWhileTurning":     c.crashWhileRotating,
		"DeletedUnseen":         c.deletedUnseen,
		"Renewed":               c.credentialsRenewed,
		"CrashWhileRenewed":     c.crashWhileRenewing,
		"Replaced":              c.credentialsReplaced,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			story(t)
		})
	}
}

type suite[MR managed.Resource, Obs any] struct {
	kube    client.WithWatch
	subject func(t *testing.T) Subject[MR, Obs]
	ways    []how // in which operations go wrong
}

// scene starts a story with an object that was just made.
func (c suite[MR, Obs]) scene(t *testing.T, edits ...func(MR)) *scene[MR, Obs] {
	t.Helper()
	return newScene(t, c.kube, c.subject(t), edits...)
}

// theOnly returns the name of the one resource there is in the cloud.
func (s *scene[MR, Obs]) theOnly() string {
	s.t.Helper()
	names := s.subject.Cloud.Names()
	if len(names) != 1 {
		s.t.Fatalf("exactly one cloud resource per object: got %v", names)
	}
	return names[0]
}

// untouched fails if anything was changed in the cloud since before.
func (s *scene[MR, Obs]) untouched(before int) {
	s.t.Helper()
	if after := s.subject.Cloud.Mutations(); after != before {
		s.t.Errorf("%d calls changed something in the cloud that is not to be touched", after-before)
	}
}
