// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"slices"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	compute "github.com/crossplaneio/crossplane/core-operator/api/compute/v1alpha1"
	corev1alpha1 "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// option is a class in one of its regions.
type option struct {
	class    *corev1alpha1.ResourceClass
	location v1alpha1.Location
	// target is the name of that with which the place was decided; empty where it
	// was decided without.
	target string
}

// locate decides on the first option that did not fail before. As soon as one
// of them waits for a workload, they all do: the place is decided with it.
func (r *Reconciler) locate(p *pass, classes []*corev1alpha1.ResourceClass) (option, verdict, error) {
	if slices.ContainsFunc(classes, waitsForWorkload) {
		return r.placed(p, classes)
	}
	all := options(p.claim, classes, nil)
	if len(all) == 0 {
		v := stop(claimapi.ReasonNoClass, "ResourceClass %s has no region %s, where the ClusterPool wants it",
			classes[0].Name, p.claim.GetAnnotations()[compute.AnnotationPoolRegion])
		v.actor = v1alpha1.ActorAdministrator
		return option{}, v, nil
	}
	for _, o := range all {
		if !p.failed(o.class.Name, o.location.Region) {
			return o, verdict{}, nil
		}
	}
	last := p.status.FailedAttempts[len(p.status.FailedAttempts)-1]
	v := stop(claimapi.ReasonNoClass, "All %d options were tried; the last, class %s in %s, failed for %s", len(all), last.Class, last.Region, last.Reason)
	v.actor = v1alpha1.ActorAdministrator
	return option{}, v, nil
}

// options returns every class in each of its regions, in order; for a claim that a pool
// made only in the region that the pool wants. A class without regions is one wherever a
// workload of its provider can be.
func options(of claimapi.Claim, classes []*corev1alpha1.ResourceClass, ofProvider func(string) []string) []option {
	var all []option
	only := of.GetAnnotations()[compute.AnnotationPoolRegion]
	for _, c := range classes {
		regions := c.Spec.Regions
		if len(regions) == 0 && ofProvider != nil {
			regions = ofProvider(c.Spec.Provider)
		}
		for _, region := range regions {
			if only == "" || only == region {
				all = append(all, option{class: c, location: v1alpha1.Location{Provider: c.Spec.Provider, Region: region}})
			}
		}
	}
	return all
}

// failed reports whether the option could not be had.
func (p *pass) failed(class, region string) bool { return Failed(p.status, class, region) }

// Failed reports whether a claim could not be satisfied by a class in a region.
func Failed(status *claimapi.Status, class, region string) bool {
	return slices.ContainsFunc(status.FailedAttempts, func(f claimapi.FailedAttempt) bool {
		return f.Class == class && f.Region == region
	})
}
