// SPDX-License-Identifier: Apache-2.0

package sql

import (
	"net/http"

	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/rest"
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/sql/wire"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// kindDatabase is the kind of databases in ledgers.
const kindDatabase = "Database"

func (s *Service) insertDatabase(r *rest.Request) (any, error) {
	p := s.in(r.Project)
	i, err := p.find(r.Path("instance"))
	if err != nil {
		return nil, err
	}
	in, err := rest.Read[wire.Database](r)
	if err != nil {
		return nil, err
	}
	if err := i.free(); err != nil {
		return nil, err
	}
	if in.Name == "" {
		return nil, invalid("The database has no name.")
	}
	if _, there := i.databases.Get(in.Name); there {
		return nil, rest.Refuse(http.StatusBadRequest, "invalid", "Invalid request: failed to create database %s. Detail: database already exists.", in.Name)
	}
	s.record(r, i, kindDatabase, i.Name+"/"+in.Name, local.Created)
	return s.begin(r, p, i, work{typ: "CREATE_DATABASE", takes: local.Reboot, done: func() error {
		in.Kind, in.Instance, in.Project, in.SelfLink = "sql#database", i.Name, p.id, i.SelfLink+"/databases/"+in.Name
		i.databases.Put(in.Name, in)
		return s.databases.AddDatabase(i.databaseID, in.Name)
	}}), nil
}

func (s *Service) getDatabase(r *rest.Request) (any, error) {
	i, err := s.in(r.Project).find(r.Path("instance"))
	if err != nil {
		return nil, err
	}
	d, ok := i.databases.Get(r.Path("name"))
	if !ok {
		return nil, rest.Refuse(http.StatusNotFound, "databaseDoesNotExist", "Not Found")
	}
	return d, nil
}

func (s *Service) listDatabases(r *rest.Request) (any, error) {
	i, err := s.in(r.Project).find(r.Path("instance"))
	if err != nil {
		return nil, err
	}
	return &wire.DatabasesListResponse{Kind: "sql#databasesList", Items: i.databases.All()}, nil
}

func (s *Service) deleteDatabase(r *rest.Request) (any, error) {
	p := s.in(r.Project)
	i, err := p.find(r.Path("instance"))
	if err != nil {
		return nil, err
	}
	if err := i.free(); err != nil {
		return nil, err
	}
	name := r.Path("name")
	if _, ok := i.databases.Get(name); !ok {
		return nil, rest.Refuse(http.StatusNotFound, "databaseDoesNotExist", "Not Found")
	}
	s.record(r, i, kindDatabase, i.Name+"/"+name, local.Deleted)
	return s.begin(r, p, i, work{typ: "DELETE_DATABASE", takes: local.Reboot, done: func() error {
		i.databases.Delete(name)
		return s.databases.DropDatabase(i.databaseID, name)
	}}), nil
}

// listUsers lists the one user that instances have here.
func (s *Service) listUsers(r *rest.Request) (any, error) {
	i, err := s.in(r.Project).find(r.Path("instance"))
	if err != nil {
		return nil, err
	}
	e, _ := engineOf(i.DatabaseVersion)
	return &wire.UsersListResponse{Kind: "sql#usersList", Items: []*wire.User{
		{Kind: "sql#user", Name: e.user, Host: e.host, Instance: i.Name, Project: i.Project},
	}}, nil
}

func (s *Service) updateUser(r *rest.Request) (any, error) {
	p := s.in(r.Project)
	i, err := p.find(r.Path("instance"))
	if err != nil {
		return nil, err
	}
	in, err := rest.Read[wire.User](r)
	if err != nil {
		return nil, err
	}
	if err := i.free(); err != nil {
		return nil, err
	}
	e, _ := engineOf(i.DatabaseVersion)
	if name, host := r.Query.Get("name"), r.Query.Get("host"); name != e.user || host != e.host {
		return nil, rest.Refuse(http.StatusNotFound, "userDoesNotExist", "User %s@%s does not exist.", name, host)
	}
	if in.Password == "" {
		return nil, invalid("The password is missing.")
	}
	s.record(r, i, "User", i.Name+"/"+e.user, local.Updated)
	return s.begin(r, p, i, work{typ: "UPDATE_USER", takes: local.Reboot, done: func() error {
		return s.databases.SetPassword(i.databaseID, in.Password)
	}}), nil
}
