// SPDX-License-Identifier: Apache-2.0

package database

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// postgresAdmin is PostgreSQL's superuser, who can only log in locally: at RDS
// the master user is none.
const postgresAdmin = "rdsadmin"

// superRole is what RDS's master users belong to.
const superRole = "rds_superuser"

// adminPatience is how long a statement of the admin may take.
const adminPatience = 10 * time.Second

// furnish makes the role and the database that were asked for, or sets the
// role's password where the data came from a snapshot.
func (srv *postgresServer) furnish() error {
	ctx, cancel := context.WithTimeout(context.Background(), adminPatience)
	defer cancel()
	user, role := pgx.Identifier{srv.spec.Username}.Sanitize(), pgx.Identifier{superRole}.Sanitize()
	there, err := srv.exists(ctx, "SELECT 1 FROM pg_roles WHERE rolname = "+quoteText(srv.spec.Username))
	if err != nil {
		return err
	}
	if there {
		return srv.setPassword(srv.spec.Password)
	}
	statements := []string{
		"CREATE ROLE " + role + " IN ROLE pg_monitor, pg_signal_backend",
		"CREATE ROLE " + user + " LOGIN CREATEDB CREATEROLE IN ROLE " + role + " PASSWORD " + quoteText(srv.spec.Password),
		"ALTER DATABASE postgres OWNER TO " + user,
	}
	if srv.spec.Database != "" && srv.spec.Database != "postgres" {
		statements = append(statements, "CREATE DATABASE "+pgx.Identifier{srv.spec.Database}.Sanitize()+" OWNER "+user)
	}
	for _, statement := range statements {
		if err := srv.exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

func (srv *postgresServer) setPassword(password string) error {
	if err := srv.run(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), adminPatience)
	defer cancel()
	return srv.exec(ctx, "ALTER ROLE "+pgx.Identifier{srv.spec.Username}.Sanitize()+" PASSWORD "+quoteText(password))
}

func (srv *postgresServer) exists(ctx context.Context, statement string) (bool, error) {
	results, err := srv.query(ctx, statement)
	if err != nil {
		return false, err
	}
	return len(results) > 0 && len(results[0].Rows) > 0, nil
}

func (srv *postgresServer) exec(ctx context.Context, statement string) error {
	_, err := srv.query(ctx, statement)
	return err
}

// query runs a statement as the admin, over the local socket. Its errors say
// what failed, and not what the statement was: that can hold a password.
func (srv *postgresServer) query(ctx context.Context, statement string) ([]*pgconn.Result, error) {
	where := fmt.Sprintf("host=%s port=%s user=%s dbname=postgres sslmode=disable", srv.installation.dir, srv.portNow(), postgresAdmin)
	conn, err := pgconn.Connect(ctx, where)
	if err != nil {
		return nil, fmt.Errorf("connecting as the admin: %w", err)
	}
	results, err := conn.Exec(ctx, statement).ReadAll()
	if err = errors.Join(err, conn.Close(ctx)); err != nil {
		return nil, fmt.Errorf("running a statement as the admin: %w", err)
	}
	return results, nil
}

func quoteText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
