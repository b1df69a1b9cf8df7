// SPDX-License-Identifier: Apache-2.0

package eks

import (
	"fmt"
	"net/http"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// The codes and their HTTP status are those of
// https://docs.aws.amazon.com/eks/latest/APIReference/API_Operations.html

func invalid(format string, args ...any) *local.Error {
	return &local.Error{Code: "InvalidParameterException", Message: fmt.Sprintf(format, args...), Status: http.StatusBadRequest}
}

func wrongState(format string, args ...any) *local.Error {
	return &local.Error{Code: "InvalidRequestException", Message: fmt.Sprintf(format, args...), Status: http.StatusBadRequest}
}

func inUse(format string, args ...any) *local.Error {
	return &local.Error{Code: "ResourceInUseException", Message: fmt.Sprintf(format, args...), Status: http.StatusConflict}
}

func notFound(format string, args ...any) *local.Error {
	return &local.Error{Code: "ResourceNotFoundException", Message: fmt.Sprintf(format, args...), Status: http.StatusNotFound}
}

func tooMany(format string, args ...any) *local.Error {
	return &local.Error{Code: "ResourceLimitExceededException", Message: fmt.Sprintf(format, args...), Status: http.StatusBadRequest}
}

func orElse[T any](p *T, otherwise T) T {
	if p != nil {
		return *p
	}
	return otherwise
}

// firstOf returns the first error that there is.
func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
