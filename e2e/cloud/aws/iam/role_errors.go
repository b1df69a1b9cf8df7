// SPDX-License-Identifier: Apache-2.0

package iam

import (
	"fmt"
	"net/http"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// The codes and their HTTP status are those of
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html

func noEntity(format string, args ...any) *local.Error {
	return &local.Error{Code: "NoSuchEntity", Message: fmt.Sprintf(format, args...), Status: http.StatusNotFound}
}

func noRole(name string) *local.Error {
	return noEntity("The role with name %s cannot be found.", name)
}

func conflict(code, format string, args ...any) *local.Error {
	return &local.Error{Code: code, Message: fmt.Sprintf(format, args...), Status: http.StatusConflict}
}

func malformed(message string) *local.Error {
	return &local.Error{Code: "MalformedPolicyDocument", Message: message, Status: http.StatusBadRequest}
}

func invalid(format string, args ...any) error {
	return &local.Error{Code: "ValidationError", Message: fmt.Sprintf(format, args...), Status: http.StatusBadRequest}
}

func refuseInput(format string, args ...any) *local.Error {
	return &local.Error{Code: "InvalidInput", Message: fmt.Sprintf(format, args...), Status: http.StatusBadRequest}
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
