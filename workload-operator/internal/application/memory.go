// SPDX-License-Identifier: Apache-2.0

package application

import (
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// memory knows the applications by their uid, for whoever sees one of their
// objects change, and our own last write of each until the cache has seen it: a
// pass over an older one would ask its target for nothing.
type memory struct {
	mu       sync.Mutex
	names    map[string]types.NamespacedName // by uid
	uids     map[types.NamespacedName]string
	versions map[types.NamespacedName]string
}

// meet takes note of an application.
func (m *memory) meet(o client.Object) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.names == nil {
		m.names, m.uids = map[string]types.NamespacedName{}, map[types.NamespacedName]string{}
		m.versions = map[types.NamespacedName]string{}
	}
	key := client.ObjectKeyFromObject(o)
	m.names[string(o.GetUID())], m.uids[key] = key, string(o.GetUID())
}

// nameOf returns the application of that uid.
func (m *memory) nameOf(uid string) (types.NamespacedName, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	name, known := m.names[uid]
	return name, known
}

// note takes note of an application as it was written.
func (m *memory) note(o client.Object) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.versions[client.ObjectKeyFromObject(o)] = o.GetResourceVersion()
}

// newerThan reports whether the application was written after it was as o is.
// Once that is not so, there is nothing to remember.
func (m *memory) newerThan(o client.Object) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	version, noted := m.versions[client.ObjectKeyFromObject(o)]
	if !noted {
		return false
	}
	order, err := resourceversion.CompareResourceVersion(o.GetResourceVersion(), version)
	if err == nil && order < 0 {
		return true
	}
	delete(m.versions, client.ObjectKeyFromObject(o))
	return false
}

// forget lets go of an application, and returns the uid that it had.
func (m *memory) forget(name types.NamespacedName) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	uid := m.uids[name]
	delete(m.uids, name)
	delete(m.names, uid)
	delete(m.versions, name)
	return uid
}
