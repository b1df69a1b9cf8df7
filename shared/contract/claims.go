// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

var (
	// ErrAmbiguous says that several groups have a claim kind of that name.
	ErrAmbiguous = errors.New("several groups have a claim kind of that name")
	// ErrNotSynced says that the objects of a kind are not known yet.
	ErrNotSynced = errors.New("the objects are not known yet")
)

// Claims knows the claims of every kind, as kinds come and go, for those who use
// claims. It is a manager.Runnable.
type Claims struct {
	*follower

	changed subscribers[*Claim]
}

// NewClaims returns the claims of the API that config reaches.
func NewClaims(config *rest.Config) (*Claims, error) {
	c := &Claims{}
	var err error
	c.follower, err = newFollower(config, map[string]partial{v1alpha1.ContractClaim: {
		object: func() metaObject { return &Claim{} }, list: func() runtime.Object { return &ClaimList{} }, tell: c.changed.tell,
	}})
	return c, err
}

// OnChange calls f whenever a claim is new, changed or gone. To be called before
// Start; f must not block, nor change what it is given.
func (c *Claims) OnChange(f func(*Claim)) { c.changed.add(f) }

// Get returns a claim as it is known, or nil where it is not there. Group may be
// empty where only one has a claim kind of that name. Errors are ErrNoKind,
// ErrAmbiguous and ErrNotSynced. Read only.
func (c *Claims) Get(group, kind, namespace, name string) (*Claim, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var found *watch
	for gk, w := range c.watches {
		if gk.Kind != kind || group != "" && gk.Group != group {
			continue
		}
		if found != nil {
			return nil, fmt.Errorf("looking for %s: %w", kind, ErrAmbiguous)
		}
		found = w
	}
	if found == nil {
		return nil, fmt.Errorf("looking for %s: %w", kind, ErrNoKind)
	}
	if !found.informer.HasSynced() {
		return nil, fmt.Errorf("looking for %s: %w", kind, ErrNotSynced)
	}
	object, _, _ := found.informer.GetStore().GetByKey(namespace + "/" + name)
	claim, _ := object.(*Claim)
	return claim, nil
}
