// SPDX-License-Identifier: Apache-2.0

// Package login logs in to databases with nothing but a connection secret, as an
// application would.
package login

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"errors"
	"fmt"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

var (
	errNoCertificate = errors.New("ca.crt holds no certificate")
	errUnknownType   = errors.New("a type that no driver here knows")
	errIncomplete    = errors.New("the connection secret lacks a key")
)

// Connection is what an application gets: the content of a connection secret.
type Connection map[string]string

// Read reads a claim's connection secret. It is an error if a key is missing
// that every database has.
func Read(ctx context.Context, kube client.Reader, namespace, name string) (Connection, error) {
	found := &corev1.Secret{}
	if err := kube.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, found); err != nil {
		return nil, fmt.Errorf("read secret %s: %w", name, err)
	}
	c := Connection{}
	for k, v := range found.Data {
		c[k] = string(v)
	}
	for _, key := range []string{
		v1alpha1.KeyType, v1alpha1.KeyProvider, v1alpha1.KeyHost, v1alpha1.KeyPort, v1alpha1.KeyEndpoint, v1alpha1.KeyURI,
		v1alpha1.KeyUsername, v1alpha1.KeyPassword, v1alpha1.KeyDatabase, v1alpha1.KeyTLS, v1alpha1.KeyCA,
	} {
		if c[key] == "" {
			return nil, fmt.Errorf("%w: %s of %s", errIncomplete, key, name)
		}
	}
	return c, nil
}

// Open logs in with nothing but what the secret says: over TLS, verifying the
// server's name against the given certificates.
func (c Connection) Open(ctx context.Context, ca string) (*sql.DB, error) {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(ca)) {
		return nil, errNoCertificate
	}
	verify := &tls.Config{RootCAs: roots, ServerName: c[v1alpha1.KeyHost], MinVersion: tls.VersionTLS12}
	db, err := c.dial(verify)
	if err != nil {
		return nil, err
	}
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("log in to %s: %w", c[v1alpha1.KeyEndpoint], err), db.Close())
	}
	return db, nil
}

func (c Connection) dial(verify *tls.Config) (*sql.DB, error) {
	switch c[v1alpha1.KeyType] {
	case "mysql":
		config := mysql.NewConfig()
		config.Net, config.Addr, config.DBName = "tcp", c[v1alpha1.KeyEndpoint], c[v1alpha1.KeyDatabase]
		config.User, config.Passwd, config.TLS = c[v1alpha1.KeyUsername], c[v1alpha1.KeyPassword], verify
		connector, err := mysql.NewConnector(config)
		if err != nil {
			return nil, fmt.Errorf("configure the MySQL driver: %w", err)
		}
		return sql.OpenDB(connector), nil
	case "postgresql":
		config, err := pgx.ParseConfig(c[v1alpha1.KeyURI])
		if err != nil {
			return nil, fmt.Errorf("configure the PostgreSQL driver: %w", err)
		}
		config.TLSConfig, config.Fallbacks = verify, nil
		return stdlib.OpenDB(*config), nil
	default:
		return nil, fmt.Errorf("%w: %s", errUnknownType, c[v1alpha1.KeyType])
	}
}
