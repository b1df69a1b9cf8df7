// SPDX-License-Identifier: Apache-2.0

package lifecycle_test

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/crossplaneio/crossplane/e2e/stack"
	"github.com/crossplaneio/crossplane/shared/kubetest/audit"
)

// rendered is the namespace for what charts of applications were rendered to.
const rendered = "crossplane-workload-charts"

// faultsOfRights looks back at all that befell: no operator was refused anything for
// want of a right, and, where every story was played, there is no right that none of
// them was for.
func faultsOfRights(ctx context.Context, allPlayed bool) ([]string, error) {
	own, err := world.Asked(ctx)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(os.Stdout, "%d requests of operators, of which %d are reads\n", len(own), len(own.Of(audit.Read)))
	var faults []string
	for _, r := range own {
		if r.Forbidden {
			faults = append(faults, "forbidden: "+r.String())
		}
	}
	rights, err := world.Rights()
	for _, r := range rights {
		if r.Namespace == rendered && r.Operator != stack.WorkloadOperator {
			faults = append(faults, "what charts were rendered to is nobody else's business: "+r.String())
		}
	}
	if !allPlayed {
		return faults, err
	}
	return append(faults, faultsOfUnused(rights, stack.Unused(rights, own))...), err
}

// faultsOfUnused holds the rights that nobody used against the excuses for them.
func faultsOfUnused(rights, unused []stack.Right) []string {
	var faults []string
	if len(rights) < 200 {
		faults = append(faults, fmt.Sprintf("found %d rights: fewer than there are", len(rights)))
	}
	fmt.Fprintf(os.Stdout, "%d rights, %d of them not used here\n", len(rights), len(unused))
	needed := map[string]int{}
	for _, r := range unused {
		at := slices.IndexFunc(unusedRights(), func(e excuse) bool { return e.fits(r, rights) })
		if at < 0 {
			faults = append(faults, "never used: "+r.String())
			continue
		}
		needed[unusedRights()[at].why]++
	}
	for _, e := range unusedRights() {
		fmt.Fprintf(os.Stdout, "%3d: %s\n", needed[e.why], e.why)
		if needed[e.why] == 0 {
			faults = append(faults, "nothing needs the excuse that "+e.why)
		}
	}
	for name := range listed() {
		if !slices.ContainsFunc(rights, func(r stack.Right) bool { return r.String() == name }) {
			faults = append(faults, name+" is not given: take it off the list")
		}
	}
	return faults
}
