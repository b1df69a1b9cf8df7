// SPDX-License-Identifier: Apache-2.0

// Package sql manages the resources of Cloud SQL.
package sql

import (
	"context"

	"google.golang.org/api/sqladmin/v1"

	"github.com/crossplaneio/crossplane/gcp-operator/internal/account"
)

// API is the part of the Cloud SQL Admin API that instances need, in one project.
type API interface {
	Instance(ctx context.Context, name string) (*sqladmin.DatabaseInstance, error)
	Insert(ctx context.Context, instance *sqladmin.DatabaseInstance) error
	Restore(ctx context.Context, name string, request *sqladmin.InstancesRestoreBackupRequest) error
	Patch(ctx context.Context, name string, patch *sqladmin.DatabaseInstance) error
	Delete(ctx context.Context, name string, last *lastBackup) error
	// HasDatabase reports whether the instance has the database.
	HasDatabase(ctx context.Context, instance, name string) (bool, error)
	InsertDatabase(ctx context.Context, instance, name string) error
	SetPassword(ctx context.Context, instance string, user user, password string) error
	// Operations returns the latest operations on an instance, the last first.
	Operations(ctx context.Context, instance string) ([]*sqladmin.Operation, error)
}

// lastBackup is what is kept of an instance that is deleted.
type lastBackup struct {
	description string
	days        int64 // 0: as Cloud SQL has it
}

// user is a database user.
type user struct{ name, host string }

// client is the API by Google's own client.
type client struct {
	service *sqladmin.Service
	project string
}

func newClient(a *account.Account) client { return client{a.SQL, a.Project} }

// Instance implements API.
func (c client) Instance(ctx context.Context, name string) (*sqladmin.DatabaseInstance, error) {
	return account.Do(ctx, "instances.get", func(ctx context.Context) (*sqladmin.DatabaseInstance, error) {
		return c.service.Instances.Get(c.project, name).Context(ctx).Do()
	})
}

// Insert implements API.
func (c client) Insert(ctx context.Context, instance *sqladmin.DatabaseInstance) error {
	return start(ctx, "instances.insert", func(ctx context.Context) (*sqladmin.Operation, error) {
		return c.service.Instances.Insert(c.project, instance).Context(ctx).Do()
	})
}

// Restore implements API.
func (c client) Restore(ctx context.Context, name string, request *sqladmin.InstancesRestoreBackupRequest) error {
	return start(ctx, "instances.restoreBackup", func(ctx context.Context) (*sqladmin.Operation, error) {
		return c.service.Instances.RestoreBackup(c.project, name, request).Context(ctx).Do()
	})
}

// Patch implements API.
func (c client) Patch(ctx context.Context, name string, patch *sqladmin.DatabaseInstance) error {
	return start(ctx, "instances.patch", func(ctx context.Context) (*sqladmin.Operation, error) {
		return c.service.Instances.Patch(c.project, name, patch).Context(ctx).Do()
	})
}

// Delete implements API.
func (c client) Delete(ctx context.Context, name string, last *lastBackup) error {
	return start(ctx, "instances.delete", func(ctx context.Context) (*sqladmin.Operation, error) {
		call := c.service.Instances.Delete(c.project, name).EnableFinalBackup(last != nil)
		if last != nil {
			call.FinalBackupDescription(last.description)
			if last.days > 0 {
				call.FinalBackupTtlDays(last.days)
			}
		}
		return call.Context(ctx).Do()
	})
}

// HasDatabase implements API.
func (c client) HasDatabase(ctx context.Context, instance, name string) (bool, error) {
	_, err := account.Do(ctx, "databases.get", func(ctx context.Context) (*sqladmin.Database, error) {
		return c.service.Databases.Get(c.project, instance, name).Context(ctx).Do()
	})
	if account.IsNotFound(err) {
		return false, nil
	}
	return err == nil, err
}

// InsertDatabase implements API.
func (c client) InsertDatabase(ctx context.Context, instance, name string) error {
	return start(ctx, "databases.insert", func(ctx context.Context) (*sqladmin.Operation, error) {
		return c.service.Databases.Insert(c.project, instance, &sqladmin.Database{Name: name}).Context(ctx).Do()
	})
}

// SetPassword implements API.
func (c client) SetPassword(ctx context.Context, instance string, u user, password string) error {
	return start(ctx, "users.update", func(ctx context.Context) (*sqladmin.Operation, error) {
		call := c.service.Users.Update(c.project, instance, &sqladmin.User{Name: u.name, Host: u.host, Password: password}).Name(u.name)
		if u.host != "" {
			call.Host(u.host)
		}
		return call.Context(ctx).Do()
	})
}

// someOperations is how many of the latest operations are looked at.
const someOperations = 10

// Operations implements API.
func (c client) Operations(ctx context.Context, instance string) ([]*sqladmin.Operation, error) {
	list, err := account.Do(ctx, "operations.list", func(ctx context.Context) (*sqladmin.OperationsListResponse, error) {
		return c.service.Operations.List(c.project).Instance(instance).MaxResults(someOperations).Context(ctx).Do()
	})
	if err != nil {
		return nil, err
	}
	return list.Items, nil
}

// start makes a call that begins an operation. What becomes of it is seen by
// looking at the instance and its operations: nothing is kept of it here.
func start(ctx context.Context, operation string, call func(context.Context) (*sqladmin.Operation, error)) error {
	_, err := account.Do(ctx, operation, call)
	return err
}
