// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"errors"
	"net/http"
	"slices"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/eks"
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/iam"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// errNoKeyID says that a change of a key does not say which.
var errNoKeyID = errors.New("the key's id is missing")

// control adds to what every local cloud can be asked what only AWS has.
func (s *Server) control() http.Handler {
	mux := s.cloud.Control(backend{s})
	mux.HandleFunc("GET /_control/keys", func(w http.ResponseWriter, _ *http.Request) {
		local.WriteJSON(w, http.StatusOK, s.keys.List())
	})
	mux.HandleFunc("POST /_control/keys", local.Answer(func(c iam.Change) (any, error) {
		if c.ID == "" {
			return nil, errNoKeyID
		}
		key := s.keys.Change(c)
		key.Secret, key.Token = "", ""
		return key, nil
	}))
	mux.HandleFunc("POST /_control/maintain", local.Answer(func(t local.Target) (any, error) {
		var err error
		s.cloud.Do(func() { err = s.rds.Maintain(t) })
		return nil, err
	}))
	s.databases.Control(mux)
	return mux
}

// backend lets local control reach the services, within the cloud's lock.
type backend struct{ *Server }

func (b backend) Live() []local.Resource {
	var out []local.Resource
	b.cloud.Do(func() { out = slices.Concat(b.rds.Live(), b.ec2.Live(), b.roles.Live(), b.eks.Live()) })
	return out
}

func (b backend) Settle() {
	b.cloud.Do(func() {
		b.rds.Settle()
		b.eks.Settle()
	})
}

func (b backend) Reset() {
	b.cloud.Do(func() {
		b.rds.Reset()
		b.eks.Reset()
		b.roles.Reset()
		b.ec2.Reset()
	})
	b.keys.Reset()
}

func (b backend) Force(t local.Target, state string) (err error) {
	b.cloud.Do(func() { err = b.owner(t).Force(t, state) })
	return err
}

func (b backend) Alter(t local.Target, fields map[string]any) (err error) {
	b.cloud.Do(func() { err = b.owner(t).Alter(t, fields) })
	return err
}

// alterer is a service whose resources can be changed behind their owner's back.
type alterer interface {
	Force(t local.Target, state string) error
	Alter(t local.Target, fields map[string]any) error
}

func (b backend) owner(t local.Target) alterer {
	if eks.Has(t.Kind) {
		return b.eks
	}
	return b.rds
}
