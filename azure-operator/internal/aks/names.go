// SPDX-License-Identifier: Apache-2.0

package aks

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// How long names can be (Azure Resource Manager, "Naming rules and restrictions
// for Azure resources", and AKS's for pools and host names).
const (
	longestName   = 63
	longestPool   = 12
	longestPrefix = 54
)

var (
	clusterNames = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$`)
	poolNames    = regexp.MustCompile(`^[a-z][a-z0-9]{0,11}$`)
	notInNames   = regexp.MustCompile(`[^a-z0-9]+`)

	errInvalidName = errors.New("not a name that AKS accepts")
)

func validName(name string) error {
	if !clusterNames.MatchString(name) {
		return fmt.Errorf("%w: %q is not up to %d letters, digits, underscores and hyphens that begin and end with a letter or digit",
			errInvalidName, name, longestName)
	}
	return nil
}

func validPoolName(name string) error {
	if !poolNames.MatchString(name) {
		return fmt.Errorf("%w: %q is not up to %d lower case letters and digits that begin with a letter", errInvalidName, name, longestPool)
	}
	return nil
}

// clusterName is readable, and unique by a part of the owner id.
func clusterName(object, owner string) string {
	unique := owner[:min(len(owner), 8)]
	name := strings.Trim(notInNames.ReplaceAllString(strings.ToLower(object), "-"), "-")
	name = strings.Trim(name[:min(len(name), longestName-1-len(unique))], "-")
	return strings.Trim(name+"-"+unique, "-")
}

// poolName is the same in the twelve characters that there are: its last six are
// the owner's, which is enough among the pools of one cluster.
func poolName(object, owner string) string {
	const each = longestPool / 2
	plain := func(s string) string { return notInNames.ReplaceAllString(strings.ToLower(s), "") }
	unique := plain(owner)
	name := strings.TrimLeft(plain(object), "0123456789")
	if name == "" {
		name = "pool"
	}
	return name[:min(len(name), each)] + unique[:min(len(unique), each)]
}

// dnsPrefix is what a cluster's host name begins with where the spec does not say.
func dnsPrefix(given, cluster string) string {
	if given != "" {
		return given
	}
	name := strings.ReplaceAll(cluster, "_", "-")
	return strings.Trim(name[:min(len(name), longestPrefix)], "-")
}
