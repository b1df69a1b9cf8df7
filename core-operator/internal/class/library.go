// SPDX-License-Identifier: Apache-2.0

package class

import (
	"context"
	"sync"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	corev1alpha1 "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
)

// maxRemembered is how many revisions a Library remembers.
const maxRemembered = 256

// Library gives out revisions ready to render. It remembers those that were
// used lately: compiling takes milliseconds, and ten thousand claims may share
// a revision. Its memory is a cache only.
type Library struct {
	// Revisions to load from.
	Revisions *Revisions
	// Schemas to check against. A revision is compiled again when they change.
	Schemas Schemas

	mu         sync.Mutex
	remembered map[string]*volume
}

// volume is a revision, with what became of compiling it and the schemas that
// were looked at for that.
type volume struct {
	class    *corev1alpha1.ResourceClass
	compiled *Compiled
	problems Problems
	seen     *seen
}

// Compiled returns the revision of that name. Problems say that it does not fit
// the schemas as they are now; an error, that it could not be loaded.
func (l *Library) Compiled(ctx context.Context, revision string) (*Compiled, Problems, error) {
	v := l.lookup(revision)
	if v != nil && v.seen.still(l.Schemas) {
		return v.compiled, v.problems, nil
	}
	next := &volume{seen: newSeen(l.Schemas)}
	if v != nil {
		next.class = v.class
	} else {
		var err error
		if next.class, err = l.Revisions.Load(ctx, revision); err != nil {
			return nil, nil, err
		}
	}
	next.compiled, next.problems = Compile(next.class, next.seen)
	l.remember(revision, next)
	return next.compiled, next.problems, nil
}

func (l *Library) lookup(revision string) *volume {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.remembered[revision]
}

// remember keeps a volume, in the place of any other where there are too many.
func (l *Library) remember(revision string, v *volume) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.remembered == nil {
		l.remembered = map[string]*volume{}
	}
	for other := range l.remembered {
		if len(l.remembered) < maxRemembered {
			break
		}
		delete(l.remembered, other)
	}
	l.remembered[revision] = v
}

// seen remembers which schemas were looked at. Schemas are never changed in
// place: one that has changed is another pointer.
type seen struct {
	from    Schemas
	claims  map[schema.GroupKind]*apiextensionsv1.JSONSchemaProps
	managed map[schema.GroupVersionKind]*apiextensionsv1.JSONSchemaProps
}

func newSeen(from Schemas) *seen {
	return &seen{
		from:    from,
		claims:  map[schema.GroupKind]*apiextensionsv1.JSONSchemaProps{},
		managed: map[schema.GroupVersionKind]*apiextensionsv1.JSONSchemaProps{},
	}
}

// Claim implements Schemas.
func (s *seen) Claim(kind schema.GroupKind) *apiextensionsv1.JSONSchemaProps {
	s.claims[kind] = s.from.Claim(kind)
	return s.claims[kind]
}

// Managed implements Schemas.
func (s *seen) Managed(kind schema.GroupVersionKind) *apiextensionsv1.JSONSchemaProps {
	s.managed[kind] = s.from.Managed(kind)
	return s.managed[kind]
}

// still reports whether the schemas are as they were.
func (s *seen) still(now Schemas) bool {
	for kind, schema := range s.claims {
		if now.Claim(kind) != schema {
			return false
		}
	}
	for kind, schema := range s.managed {
		if now.Managed(kind) != schema {
			return false
		}
	}
	return true
}
