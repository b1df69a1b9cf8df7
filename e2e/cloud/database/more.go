// SPDX-License-Identifier: Apache-2.0

package database

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"
)

// addDatabase makes a database at once if the server runs, else when it starts.
func (i *instance) addDatabase(name string) error {
	i.life.Lock()
	defer i.life.Unlock()
	if i.server != nil {
		return i.server.addDatabase(name)
	}
	i.spec.waiting = append(i.spec.waiting, name)
	return nil
}

// addWaiting makes what was asked for before the server ran; i.life is held.
func (i *instance) addWaiting() error {
	for _, name := range i.spec.waiting {
		if err := i.server.addDatabase(name); err != nil {
			return err
		}
	}
	i.spec.waiting = nil
	return nil
}

func (i *instance) dropDatabase(name string) error {
	i.life.Lock()
	defer i.life.Unlock()
	i.spec.waiting = slices.DeleteFunc(i.spec.waiting, func(s string) bool { return s == name })
	if i.server == nil {
		return nil
	}
	return i.server.dropDatabase(name)
}

func (m *mysqlServer) addDatabase(name string) error {
	return m.exec("CREATE DATABASE IF NOT EXISTS " + quoteMySQL(name))
}

func (m *mysqlServer) dropDatabase(name string) error {
	return m.exec("DROP DATABASE IF EXISTS " + quoteMySQL(name))
}

func (srv *postgresServer) addDatabase(name string) error {
	if err := srv.run(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), adminPatience)
	defer cancel()
	there, err := srv.exists(ctx, "SELECT 1 FROM pg_database WHERE datname = "+quoteText(name))
	if err != nil || there {
		return err
	}
	owner := pgx.Identifier{srv.spec.Username}.Sanitize()
	return srv.exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize()+" OWNER "+owner)
}

func (srv *postgresServer) dropDatabase(name string) error {
	if err := srv.run(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), adminPatience)
	defer cancel()
	return srv.exec(ctx, "DROP DATABASE IF EXISTS "+pgx.Identifier{name}.Sanitize()+" WITH (FORCE)")
}
