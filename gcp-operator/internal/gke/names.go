// SPDX-License-Identifier: Apache-2.0

package gke

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/crossplaneio/crossplane/gcp-operator/internal/account"
)

// longestName is how long the name of a cluster or of a pool can be (GKE API
// reference, projects.locations.clusters).
const longestName = 40

var (
	names = regexp.MustCompile(`^[a-z]([-a-z0-9]*[a-z0-9])?$`)

	errInvalidName = errors.New("not a name that GKE accepts")
)

func validName(name string) error {
	if len(name) > longestName || !names.MatchString(name) {
		return fmt.Errorf("%w: %q is not 1 to %d lower-case letters, digits and hyphens that begin with a letter", errInvalidName, name, longestName)
	}
	return nil
}

// chosenName is readable, and unique by a part of the owner id.
func chosenName(object, owner string) string { return account.Name(object, owner, longestName) }
