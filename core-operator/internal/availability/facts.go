// SPDX-License-Identifier: Apache-2.0

package availability

import (
	"context"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	core "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	"github.com/crossplaneio/crossplane/core-operator/internal/class"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
)

// finding is what was found out about one side of a class.
type finding struct {
	status  metav1.ConditionStatus
	reason  string
	message string
}

// valid finds out whether the templates are. What it returns with that is nil
// if they are not.
func (r *reconciler) valid(c *core.ResourceClass) (finding, *class.Compiled) {
	kind := schema.GroupKind{Group: c.Spec.Claim.Group, Kind: c.Spec.Claim.Kind}
	compiled, problems := class.Compile(c, r.schemas)
	switch {
	case r.schemas.Claim(kind) == nil:
		return finding{metav1.ConditionFalse, core.ReasonUnknownClaimKind, problems.String()}, nil
	case len(problems) > 0:
		return finding{metav1.ConditionFalse, core.ReasonInvalid, problems.String()}, nil
	case len(compiled.Missing()) > 0:
		return finding{metav1.ConditionUnknown, core.ReasonOperatorNotInstalled,
			fmt.Sprintf("No fault can be seen before %s is installed", name(compiled.Missing()[0]))}, compiled
	default:
		return finding{metav1.ConditionTrue, core.ReasonValid, "The templates fit the claim and what they make"}, compiled
	}
}

// available finds out whether what the templates make can be made.
func (r *reconciler) available(ctx context.Context, c *core.ResourceClass, compiled *class.Compiled) (finding, error) {
	if compiled == nil {
		return finding{metav1.ConditionUnknown, core.ReasonInvalid, "Not looked at while the class is invalid"}, nil
	}
	for _, kind := range compiled.Kinds() {
		d, reason := r.installed(c, kind)
		if reason != "" {
			return finding{metav1.ConditionFalse, core.ReasonOperatorNotInstalled, reason}, nil
		}
		refused, err := r.rights.missing(ctx, kind.GroupVersion().WithResource(d.Plural))
		if err != nil {
			return finding{}, err
		}
		if len(refused) > 0 {
			return finding{metav1.ConditionFalse, core.ReasonOperatorForbidden, forbidden(d, refused)}, nil
		}
		if d.Operator != "" && !r.beats.alive(d.Operator) {
			return finding{metav1.ConditionFalse, core.ReasonOperatorNotRunning, notRunning(d, r.Namespace)}, nil
		}
	}
	return finding{metav1.ConditionTrue, core.ReasonAvailable, "What the templates make can be made"}, nil
}

// installed returns what is known of a kind, or why objects of it can't be made.
func (r *reconciler) installed(c *core.ResourceClass, kind schema.GroupVersionKind) (d *contract.Definition, reason string) {
	d, ok := r.Kinds.Definition(kind.GroupKind())
	switch {
	case !ok:
		return nil, fmt.Sprintf("There is no kind %s: install the chart %s-operator", name(kind), c.Spec.Provider)
	case d.Contract != v1alpha1.ContractManaged:
		return nil, fmt.Sprintf("%s is no kind of managed resources: its definition lacks the label %s: %s",
			name(kind), v1alpha1.LabelContract, v1alpha1.ContractManaged)
	case d.Removing:
		return nil, fmt.Sprintf("%s is being removed: install the chart %s-operator again", name(kind), c.Spec.Provider)
	case !d.Established:
		return nil, fmt.Sprintf("%s is installed, and the API server does not serve it yet", name(kind))
	case !d.Serves(kind.Version):
		return nil, fmt.Sprintf("%s is installed, but not in version %s: write %s in the template",
			name(kind), kind.Version, d.Kind.GroupVersion())
	default:
		return d, ""
	}
}

func forbidden(d *contract.Definition, verbs []string) string {
	return fmt.Sprintf("Core may not %s %s: a ClusterRole with these verbs and the label %s: \"true\" lets it; the chart of %s brings one",
		strings.Join(verbs, ", "), d.Name(), labelAggregate, d.Operator)
}

func notRunning(d *contract.Definition, namespace string) string {
	return fmt.Sprintf("%s, which serves %s, does not run: nobody renews the Lease %s in namespace %s",
		d.Operator, name(d.Kind), d.Operator, namespace)
}

func name(kind schema.GroupVersionKind) string { return kind.Kind + "." + kind.Group }
