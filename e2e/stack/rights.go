// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/crossplaneio/crossplane/shared/kubetest/audit"
)

// Right is one verb on one kind that a chart gives to an operator.
type Right struct {
	// Operator has it.
	Operator string
	// Verb, and Target as in audit.Request.
	Verb, Target string
	// Namespace in which it holds; empty for the whole cluster.
	Namespace string
}

// String returns the right in one line.
func (r Right) String() string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %s %s", r.Operator, r.Verb, r.Target, r.Namespace))
}

// Rights returns what the charts give to the stack's operators, each right once.
func (s *Stack) Rights() ([]Right, error) {
	var rights []Right
	for _, name := range s.options.Operators {
		o, err := operatorNamed(name)
		if err != nil {
			return nil, err
		}
		given, err := readPermissions(filepath.Join(s.options.Root, "charts", name), o)
		if err != nil {
			return nil, err
		}
		for _, role := range given.objects {
			for _, holder := range given.holders(role, name) {
				rights = append(rights, rightsOf(role, holder)...)
			}
		}
	}
	slices.SortFunc(rights, func(a, b Right) int { return cmp.Compare(a.String(), b.String()) })
	return slices.Compact(rights), nil
}

// holders returns the operators that have a role of a chart: that to whose role a label adds it, or
// those to which it is bound.
func (p permissions) holders(role *unstructured.Unstructured, owner string) []string {
	for label := range role.GetLabels() {
		if _, other, found := strings.Cut(label, aggregateLabel); found {
			if _, err := operatorNamed(other + "-operator"); err != nil {
				return nil // it is added to a role of people
			}
			return []string{other + "-operator"}
		}
	}
	if slices.Contains(p.own, role) {
		return []string{owner}
	}
	var holders []string
	key := roleKey{kind: role.GetKind(), namespace: role.GetNamespace(), name: role.GetName()}
	for _, binding := range p.objects {
		if refersTo(binding) != key {
			continue
		}
		subjects, _, _ := unstructured.NestedSlice(binding.Object, "subjects")
		for _, subject := range subjects {
			if s, ok := subject.(map[string]any); ok {
				holders = append(holders, fmt.Sprint(s["name"]))
			}
		}
	}
	return holders
}

func rightsOf(role *unstructured.Unstructured, holder string) []Right {
	var decoded rbacv1.ClusterRole // which has all that is read of a Role too
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(role.Object, &decoded); err != nil {
		return nil // the API server has accepted it
	}
	var rights []Right
	for _, rule := range decoded.Rules {
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				for _, verb := range rule.Verbs {
					kind, subresource, _ := strings.Cut(resource, "/")
					target := audit.Request{Group: group, Resource: kind, Subresource: subresource}.Target()
					rights = append(rights, Right{Operator: holder, Verb: verb, Target: target, Namespace: role.GetNamespace()})
				}
			}
		}
	}
	return rights
}

// Asked returns all requests that the stack's operators have made: of them the reads only
// where the stack's audit log has reads.
func (s *Stack) Asked(ctx context.Context) (audit.Requests, error) {
	const quiet = 500 * time.Millisecond
	_ = s.Audit().Settle(ctx, quiet) // polls go on: what is missing is a moment's
	requests, err := s.Audit().Since(0)
	if err != nil {
		return nil, fmt.Errorf("reading what operators asked for: %w", err)
	}
	return requests.Where(func(r audit.Request) bool {
		return slices.ContainsFunc(s.Operators(), func(name string) bool { return r.User == User(name) })
	}), nil
}

// Unused returns those of the rights that none of the requests made use of.
func Unused(rights []Right, requests audit.Requests) []Right {
	used := make(map[Right]bool, len(rights))
	for _, r := range requests {
		operator := r.User[strings.LastIndex(r.User, ":")+1:]
		if r.User != User(operator) || r.Forbidden {
			continue
		}
		used[Right{Operator: operator, Verb: r.Verb, Target: r.Target()}] = true
		used[Right{Operator: operator, Verb: r.Verb, Target: r.Target(), Namespace: r.Namespace}] = true
	}
	return slices.DeleteFunc(slices.Clone(rights), func(r Right) bool { return used[r] })
}
