// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"errors"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// Classify turns an error of a request into a *fault.Error. What the API server
// did not answer by a status of its own counts as no answer.
func Classify(err error) *fault.Error {
	if err == nil {
		return nil
	}
	if known, ok := errors.AsType[*fault.Error](err); ok {
		return known
	}
	class, reason := classOf(err)
	return &fault.Error{Class: class, Reason: reason, RetryAfter: retryAfter(err), Err: err}
}

func classOf(err error) (fault.Class, string) {
	switch {
	case errors.Is(err, ErrNoKind):
		return fault.Dependency, v1alpha1.ReasonObjectRefused
	case apierrors.IsUnauthorized(err):
		return fault.Permission, v1alpha1.ReasonCredentialsRefused
	case apierrors.IsForbidden(err):
		return fault.Permission, v1alpha1.ReasonRightsMissing
	case apierrors.IsTooManyRequests(err):
		return fault.Throttled, ""
	case apierrors.IsConflict(err):
		return fault.Conflict, ""
	case apierrors.IsNotFound(err), apierrors.IsGone(err):
		return fault.Gone, ""
	case apierrors.IsInvalid(err), apierrors.IsBadRequest(err), apierrors.IsMethodNotSupported(err), apierrors.IsRequestEntityTooLargeError(err):
		return fault.Invalid, v1alpha1.ReasonObjectRefused
	default:
		return fault.Transient, v1alpha1.ReasonUnreachable
	}
}

func retryAfter(err error) time.Duration {
	if seconds, ok := apierrors.SuggestsClientDelay(err); ok {
		return time.Duration(seconds) * time.Second
	}
	return 0
}
