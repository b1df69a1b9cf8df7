// SPDX-License-Identifier: Apache-2.0

// Package chart fetches Helm charts and renders them. A chart is a program that a
// stranger wrote: what reads it runs in a process of its own, with bounds of time
// and memory, and neither environment nor files nor a network.
package chart

import (
	"encoding/json"

	"github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// Bounds of what a chart may be and take.
const (
	MaxValues   = 256 << 10 // bytes of values
	MaxObjects  = 500       // that a chart renders to
	maxArchive  = 4 << 20   // bytes of a packaged chart
	maxUnpacked = 32 << 20  // bytes of its files
	maxFiles    = 4000
	maxIndex    = 16 << 20 // bytes of a repository's index.yaml
	maxRendered = 4 << 20  // bytes of the objects
)

// Request says what to render.
type Request struct {
	// Archive is the packaged chart, which has to be of that name and version.
	Archive []byte `json:"archive"`
	Name    string `json:"name"`
	Version string `json:"version"`
	// Release is the release's name, and Namespace the one that it goes to.
	Release   string `json:"release"`
	Namespace string `json:"namespace"`
	// Values in JSON; empty for none.
	Values []byte `json:"values,omitempty"`
	// Hooks says what becomes of them.
	Hooks v1alpha1.HookPolicy `json:"hooks,omitempty"`
	// KubeVersion and APIVersions are what the cluster has. No APIVersions: those that
	// Helm supposes where it sees no cluster.
	KubeVersion string   `json:"kubeVersion"`
	APIVersions []string `json:"apiVersions"`
	// Supposed: the cluster is not known yet. Which one the chart wants makes no
	// difference.
	Supposed bool `json:"supposed,omitempty"`
}

// Rendering is what a chart rendered to: each object in JSON, in an order in which
// those of crds/ come first.
type Rendering []json.RawMessage

func invalid(format string, args ...any) error {
	return fault.New(fault.Invalid, v1alpha1.ReasonChartInvalid, format, args...)
}

func tooLarge(format string, args ...any) error {
	return fault.New(fault.Invalid, v1alpha1.ReasonChartTooLarge, format, args...)
}

func missing(format string, args ...any) error {
	return fault.New(fault.Dependency, v1alpha1.ReasonChartMissing, format, args...)
}
