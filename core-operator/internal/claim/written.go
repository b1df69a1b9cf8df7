// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
)

// written remembers core's own last write of each claim until the cache has seen
// it. A pass over an older claim does no harm: every write fails that is made on
// the strength of one, and nothing is deleted for a claim that the API server
// does not have any more. It is only a pass, and a write, for nothing.
type written struct {
	mu       sync.Mutex
	versions map[types.NamespacedName]string
}

// note takes note of a claim as it was written.
func (w *written) note(c claimapi.Claim) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.versions == nil {
		w.versions = map[types.NamespacedName]string{}
	}
	w.versions[nameOf(c)] = c.GetResourceVersion()
}

// newerThan reports whether core wrote the claim after it was as c is. Once that
// is not so, there is nothing to remember.
func (w *written) newerThan(c claimapi.Claim) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	version, noted := w.versions[nameOf(c)]
	if !noted {
		return false
	}
	order, err := resourceversion.CompareResourceVersion(c.GetResourceVersion(), version)
	if err == nil && order < 0 {
		return true
	}
	delete(w.versions, nameOf(c))
	return false
}

// forget lets go of a claim that the cache has seen to be gone.
func (w *written) forget(name types.NamespacedName) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.versions, name)
}

func nameOf(c claimapi.Claim) types.NamespacedName {
	return types.NamespacedName{Namespace: c.GetNamespace(), Name: c.GetName()}
}
