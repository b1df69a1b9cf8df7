// SPDX-License-Identifier: Apache-2.0

package container

import (
	"net/http"

	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/rest"
)

func invalid(format string, args ...any) error {
	return rest.Refuse(http.StatusBadRequest, "badRequest", format, args...)
}

func notFound(format string, args ...any) error {
	return rest.Refuse(http.StatusNotFound, "notFound", "Not found: "+format+".", args...)
}

func exists(format string, args ...any) error {
	return rest.Refuse(http.StatusConflict, "alreadyExists", "Already exists: "+format+".", args...)
}

// shortOf is how Kubernetes Engine tells of a quota: as something forbidden.
func shortOf(format string, args ...any) error {
	return rest.Refuse(http.StatusForbidden, "forbidden", format, args...)
}

func busy(operation, cluster string) error {
	return rest.Refuse(http.StatusBadRequest, "failedPrecondition",
		"Operation %s is currently operating on cluster %s. Please wait and try again once it is done.", operation, cluster)
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
