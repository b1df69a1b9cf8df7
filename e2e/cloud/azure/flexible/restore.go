// SPDX-License-Identifier: Apache-2.0

package flexible

import (
	"net/http"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/azure/arm"
)

// gone keeps what a deleted server had, for some days.
func (s *Servers) gone(r *arm.Resource) {
	o := own(r)
	if o == nil {
		return
	}
	delete(s.used, nameKey(r))
	data, err := s.databases.Snapshot(o.id)
	if err != nil {
		s.log.Warn("nothing is kept of a server", "server", r.ID.Name(), "error", err)
	} else {
		s.dropped[r.ID.Key()] = &backup{body: kept(r), data: data, databases: s.names(r), until: s.cloud.Clock.Now().Add(keptFor)}
	}
	s.databases.Remove(o.id)
}

// kept is what a restored server has of its source.
func kept(r *arm.Resource) arm.Body {
	b := arm.Body{}
	for _, key := range []string{"administratorLogin", "version", "storage"} {
		if v := arm.Value(r.Body, "properties", key); v != nil {
			arm.Set(b, v, "properties", key)
		}
	}
	return b
}

// names are the databases that were made on the server.
func (s *Servers) names(r *arm.Resource) []string {
	var out []string
	for _, db := range s.manager.Children(r.ID, kindDatabases) {
		out = append(out, db.ID.Name())
	}
	return out
}

// source finds the backup that a server is to be made from: of a server that is
// there, or of a deleted one that is still kept.
func (s *Servers) source(r *arm.Resource, e engine, mode string) (*backup, error) {
	key := strings.ToLower(arm.Text(r.Body, "properties", "sourceServerResourceId"))
	if arm.Text(r.Body, "properties", e.moment) == "" {
		return nil, wrong("The property '%s' is required for createMode '%s'.", e.moment, mode)
	}
	if live, ok := s.manager.ByKey(key); ok && mode != "ReviveDropped" && own(live) != nil {
		data, err := s.databases.Snapshot(own(live).id)
		if err != nil {
			return nil, err
		}
		return &backup{body: kept(live), data: data, databases: s.names(live)}, nil
	}
	if b, ok := s.dropped[key]; ok && s.cloud.Clock.Now().Before(b.until) {
		return b, nil
	}
	return nil, arm.Refuse(http.StatusNotFound, "SourceServerNotFound", "The source server '%s' was not found.", key)
}

// refill lets a restored server have its source's databases.
func (s *Servers) refill(r *arm.Resource, e engine, from *backup) error {
	for _, name := range from.databases {
		if err := s.databases.AddDatabase(own(r).id, name); err != nil {
			return err
		}
		s.manager.Adopt(r, kindDatabases, name, arm.Body{"properties": map[string]any{"charset": e.charset, "collation": e.collation}})
	}
	return nil
}
