// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"errors"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// byPerson is how the API server begins to tell of a field that was set with
// kubectl, whose managers are kubectl-edit, kubectl-patch and so on. What is in
// quotes is the manager's name.
const byPerson = `conflict with "kubectl`

// ChangedByHand reports whether err is that of an apply which failed because of
// fields that a person set, and no controller or other applier.
func ChangedByHand(err error) bool {
	var answer apierrors.APIStatus
	if !apierrors.IsConflict(err) || !errors.As(err, &answer) || answer.Status().Details == nil {
		return false
	}
	causes := answer.Status().Details.Causes
	for _, c := range causes {
		if c.Type != metav1.CauseTypeFieldManagerConflict || !strings.HasPrefix(c.Message, byPerson) {
			return false
		}
	}
	return len(causes) > 0
}
