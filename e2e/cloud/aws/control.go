// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"errors"
	"net/http"

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
	b.cloud.Do(func() { out = append(b.rds.Live(), b.ec2.Live()...) })
	return out
}

func (b backend) Settle() { b.cloud.Do(b.rds.Settle) }

func (b backend) Reset() {
	b.cloud.Do(func() {
		b.rds.Reset()
		b.ec2.Reset()
	})
	b.keys.Reset()
}

func (b backend) Force(t local.Target, state string) (err error) {
	b.cloud.Do(func() { err = b.rds.Force(t, state) })
	return err
}

func (b backend) Alter(t local.Target, fields map[string]any) (err error) {
	b.cloud.Do(func() { err = b.rds.Alter(t, fields) })
	return err
}
