// SPDX-License-Identifier: Apache-2.0

package eks

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// longestName is how long the name of a node group can be; a cluster's may have
// 100 characters (EKS API reference, CreateNodegroup and CreateCluster).
const longestName = 63

var (
	names      = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z_-]{0,99}$`)
	notInNames = regexp.MustCompile(`[^a-z0-9]+`)

	errInvalidName = errors.New("not a name that EKS accepts")
)

func validName(name string) error {
	if !names.MatchString(name) {
		return fmt.Errorf("%w: %q is not up to 100 letters, digits, hyphens and underscores that begin with a letter or digit", errInvalidName, name)
	}
	return nil
}

func validGroupName(name string) error {
	if len(name) > longestName || !names.MatchString(name) {
		return fmt.Errorf("%w: %q is not up to %d letters, digits, hyphens and underscores that begin with a letter or digit", errInvalidName, name, longestName)
	}
	return nil
}

// chosenName is readable, and unique by a part of the owner id.
func chosenName(object, owner string) string {
	unique := owner[:min(len(owner), 8)]
	name := strings.Trim(notInNames.ReplaceAllString(strings.ToLower(object), "-"), "-")
	name = strings.Trim(name[:min(len(name), longestName-1-len(unique))], "-")
	return strings.Trim(name+"-"+unique, "-")
}
