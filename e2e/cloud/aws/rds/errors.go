// SPDX-License-Identifier: Apache-2.0

package rds

import (
	"fmt"
	"net/http"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// The codes and their HTTP status are those of
// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_Operations.html

func refuse(code, format string, args ...any) *local.Error {
	return &local.Error{Code: code, Message: fmt.Sprintf(format, args...), Status: http.StatusBadRequest}
}

func notFound(code, format string, args ...any) *local.Error {
	return &local.Error{Code: code, Message: fmt.Sprintf(format, args...), Status: http.StatusNotFound}
}

func invalidValue(format string, args ...any) *local.Error {
	return refuse("InvalidParameterValue", format, args...)
}

func invalidCombination(format string, args ...any) *local.Error {
	return refuse("InvalidParameterCombination", format, args...)
}

func instanceNotFound(id string) *local.Error {
	return notFound("DBInstanceNotFound", "DBInstance %s not found.", id)
}

func wrongState(format string, args ...any) *local.Error {
	return refuse("InvalidDBInstanceState", format, args...)
}

func missing(parameter string) *local.Error {
	return refuse("MissingParameter", "The request must contain the parameter %s", parameter)
}
