// SPDX-License-Identifier: Apache-2.0

package ec2

import (
	"fmt"
	"net/http"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// The codes are those of
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html

func refuse(code, format string, args ...any) *local.Error {
	return &local.Error{Code: code, Message: fmt.Sprintf(format, args...), Status: http.StatusBadRequest}
}

// notFound refuses with code.NotFound.
func notFound(code, kind, id string) *local.Error {
	return refuse(code+".NotFound", "The %s ID '%s' does not exist", kind, id)
}
