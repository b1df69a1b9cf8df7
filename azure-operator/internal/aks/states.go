// SPDX-License-Identifier: Apache-2.0

package aks

import (
	"strings"

	sdk "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/containerservice/armcontainerservice/v8"

	"github.com/crossplaneio/crossplane/shared/managed"
)

const (
	succeeded = "Succeeded"
	failed    = "Failed"
	canceled  = "Canceled"
)

// states maps the provisioning states that Azure documents for clusters and agent
// pools or shows of them. A cluster that is changed works on, except while it is
// switched on or off, or its certificates are replaced.
//
//nolint:gochecknoglobals // a table
var states = map[string]managed.State{
	succeeded: managed.Available,

	"Creating": managed.Creating,
	"Deleting": managed.Deleting,

	"Updating":                  managed.Available,
	"Upgrading":                 managed.Available,
	"UpgradingNodeImageVersion": managed.Available,
	"Scaling":                   managed.Available,
	"Migrating":                 managed.Available,

	"Starting":                       managed.Unavailable,
	"Stopping":                       managed.Unavailable,
	"RotatingClusterCertificates":    managed.Unavailable,
	"ReconcilingClusterCertificates": managed.Unavailable,

	failed:   managed.Failed,
	canceled: managed.Failed,
}

// stateOf translates a provisioning state and a power state. Failed and Canceled
// are how the last thing ended that was asked for: a cluster or pool that was in
// use before goes on as it was, and the next change is tried on it.
func stateOf(provisioning string, power *sdk.PowerState, used bool) managed.State {
	s, known := states[provisioning]
	switch {
	case !known:
		return managed.Unknown
	case s == managed.Failed && used:
		s = managed.Available
	}
	if s == managed.Available && off(power) {
		return managed.Stopped
	}
	return s
}

func off(power *sdk.PowerState) bool {
	return power != nil && value(power.Code) == sdk.CodeStopped
}

// atRest reports whether nothing is under way, so that a change can be asked for.
func atRest(provisioning string) bool {
	return provisioning == succeeded || provisioning == failed || provisioning == canceled
}

// messageOf is Azure's words for a state, and for what went wrong.
func messageOf(provisioning string, power *sdk.PowerState, problem string) string {
	message := provisioning
	if off(power) {
		message += ", " + string(sdk.CodeStopped)
	}
	if problem != "" {
		message += ": " + problem
	}
	return message
}

// problemOf is why the last thing failed that was asked for.
func problemOf(e *sdk.ErrorDetail) string {
	if e == nil {
		return ""
	}
	text := strings.TrimSpace(value(e.Message))
	switch code := value(e.Code); {
	case text == "":
		return code
	case code != "":
		return text + " (" + code + ")"
	}
	return text
}
