// SPDX-License-Identifier: Apache-2.0

package gcp

import (
	"cmp"
	"errors"
	"net/http"
	"slices"

	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/container"
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/iam"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// errNoAccount says that a change of a service account does not say which.
var errNoAccount = errors.New("the service account's id is missing: its e-mail address")

// control adds to what every local cloud can be asked what only Google's has.
func (s *Server) control() http.Handler {
	mux := s.cloud.Control(backend{s})
	mux.HandleFunc("GET /_control/keys", func(w http.ResponseWriter, _ *http.Request) {
		local.WriteJSON(w, http.StatusOK, s.accounts.List())
	})
	mux.HandleFunc("POST /_control/keys", local.Answer(func(c iam.Change) (any, error) {
		if c.Email == "" {
			return nil, errNoAccount
		}
		return s.accounts.Change(c)
	}))
	mux.HandleFunc("GET /_control/"+KeyFile, func(w http.ResponseWriter, r *http.Request) {
		key, err := s.accounts.KeyFile(cmp.Or(r.URL.Query().Get("id"), iam.DefaultEmail))
		if err != nil {
			local.WriteJSON(w, http.StatusNotFound, map[string]string{"error": err.Error()})
			return
		}
		local.WriteJSON(w, http.StatusOK, key)
	})
	s.databases.Control(mux)
	return mux
}

// backend lets local control reach the services, within the cloud's lock.
type backend struct{ *Server }

func (b backend) Live() []local.Resource {
	var out []local.Resource
	b.cloud.Do(func() {
		b.agenda.Settle()
		out = slices.Concat(b.sql.Live(), b.container.Live(), b.compute.Live())
	})
	return out
}

func (b backend) Settle() { b.cloud.Do(b.agenda.Settle) }

func (b backend) Reset() {
	b.cloud.Do(func() {
		b.agenda.Clear()
		b.sql.Reset()
		b.container.Reset()
		b.compute.Reset()
	})
	if err := b.accounts.Reset(); err != nil {
		b.log.Error("cannot reset the service accounts", "error", err)
	}
}

func (b backend) Force(t local.Target, state string) (err error) {
	b.cloud.Do(func() {
		b.agenda.Settle()
		if container.Has(t.Kind) {
			err = b.container.Force(t, state)
			return
		}
		err = b.sql.Force(t, state)
	})
	return err
}

func (b backend) Alter(t local.Target, fields map[string]any) (err error) {
	b.cloud.Do(func() {
		b.agenda.Settle()
		if container.Has(t.Kind) {
			err = b.container.Alter(t, fields)
			return
		}
		err = b.sql.Alter(t, fields)
	})
	return err
}
