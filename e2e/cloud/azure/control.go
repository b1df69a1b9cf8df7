// SPDX-License-Identifier: Apache-2.0

package azure

import (
	"errors"
	"net/http"
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/azure/arm"
	"github.com/crossplaneio/crossplane/e2e/cloud/azure/entra"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// errNoClientID says that a change of an application does not say which.
var errNoClientID = errors.New("the application's client id is missing")

// tenancy is what only the local Azure can be asked for.
type tenancy struct {
	// Policies that deny; they replace those in force.
	Policies []arm.Policy `json:"policies"`
	// TakenNames of servers that belong to somebody else in the world.
	TakenNames []string `json:"takenNames"`
	// TokenLifetime of the tokens issued from now on.
	TokenLifetime local.Duration `json:"tokenLifetime"`
}

// control adds to what every local cloud can be asked what only Azure has.
func (s *Server) control() http.Handler {
	mux := s.cloud.Control(backend{s})
	mux.HandleFunc("GET /_control/keys", func(w http.ResponseWriter, _ *http.Request) {
		local.WriteJSON(w, http.StatusOK, s.directory.List())
	})
	mux.HandleFunc("POST /_control/keys", local.Answer(func(c entra.Change) (any, error) {
		if c.ID == "" {
			return nil, errNoClientID
		}
		app := s.directory.Change(c)
		s.cloud.Do(s.clusters.Refresh)
		return app, nil
	}))
	mux.HandleFunc("POST /_control/tenancy", local.Answer(func(t tenancy) (any, error) {
		if t.TokenLifetime > 0 {
			s.directory.Lifetime(time.Duration(t.TokenLifetime))
		}
		s.cloud.Do(func() {
			s.manager.Policies(t.Policies)
			s.servers.Taken(t.TakenNames)
		})
		return struct{}{}, nil
	}))
	s.databases.Control(mux)
	return mux
}

// backend lets local control reach the resources, within the cloud's lock.
type backend struct{ *Server }

func (b backend) Live() (out []local.Resource) {
	b.cloud.Do(func() { out = b.manager.Live() })
	return out
}

func (b backend) Settle() { b.cloud.Do(b.manager.Settle) }

func (b backend) Reset() {
	b.cloud.Do(func() {
		b.manager.Reset()
		b.servers.Reset()
	})
	b.directory.Reset()
}

func (b backend) Force(t local.Target, state string) (err error) {
	b.cloud.Do(func() { err = b.manager.Force(t, state) })
	return err
}

func (b backend) Alter(t local.Target, fields map[string]any) (err error) {
	b.cloud.Do(func() { err = b.manager.Alter(t, fields) })
	return err
}
