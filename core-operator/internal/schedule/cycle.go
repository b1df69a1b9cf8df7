// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/crossplaneio/crossplane/core-operator/internal/plan"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
)

// cycle names the applications that wait for each other, where w is one of them:
// each has to be where the next is, and none has a place. Empty where w is not.
func (s *Scheduler) cycle(w plan.Workload) string {
	if w.Placement == nil || w.Placement.Affinity == nil || len(w.Placement.Affinity.Required) == 0 {
		return ""
	}
	all := s.neighbours(w.Name.Namespace)
	stuck := stuckAmong(all)
	i := slices.IndexFunc(stuck, func(a *contract.Application) bool { return a.UID == w.UID })
	if i < 0 {
		return ""
	}
	path := pathBack(stuck, stuck[i], []*contract.Application{stuck[i]})
	if path == nil {
		return ""
	}
	names := make([]string, 0, len(path)+1)
	for _, a := range append(path, path[0]) {
		names = append(names, a.Name)
	}
	return fmt.Sprintf("the required affinity of these applications goes in a circle, and none of them has a place: %s", strings.Join(names, " -> "))
}

// stuckAmong returns the applications without a place whose required affinity can
// only be met by others that are stuck themselves.
func stuckAmong(all []*contract.Application) []*contract.Application {
	stuck := slices.DeleteFunc(slices.Clone(all), func(a *contract.Application) bool { return a.Destination() != "" || a.DeletionTimestamp != nil })
	for {
		left := slices.DeleteFunc(slices.Clone(stuck), func(a *contract.Application) bool { return !isStuck(a, all, stuck) })
		if len(left) == len(stuck) {
			return stuck
		}
		stuck = left
	}
}

func isStuck(a *contract.Application, all, stuck []*contract.Application) bool {
	for _, term := range required(a) {
		met := slices.ContainsFunc(all, func(b *contract.Application) bool {
			return wants(term, b) && (b.UID == a.UID || !slices.Contains(stuck, b))
		})
		if !met && slices.ContainsFunc(stuck, func(b *contract.Application) bool { return wants(term, b) }) {
			return true
		}
	}
	return false
}

// pathBack returns the way from the last of path to its first over those that are
// stuck; nil where there is none.
func pathBack(stuck []*contract.Application, last *contract.Application, path []*contract.Application) []*contract.Application {
	for _, term := range required(last) {
		for _, next := range stuck {
			switch {
			case !wants(term, next) || next == last:
			case next == path[0]:
				return path
			case !slices.Contains(path, next):
				if found := pathBack(stuck, next, append(slices.Clone(path), next)); found != nil {
					return found
				}
			}
		}
	}
	return nil
}

func required(a *contract.Application) []workload.AffinityTerm {
	if p := a.Spec.Placement; p != nil && p.Affinity != nil {
		return p.Affinity.Required
	}
	return nil
}

func wants(term workload.AffinityTerm, a *contract.Application) bool {
	selector, err := metav1.LabelSelectorAsSelector(&term.Selector)
	return err == nil && selector.Matches(labels.Set(a.Labels))
}
