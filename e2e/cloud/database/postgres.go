// SPDX-License-Identifier: Apache-2.0

package database

import "log/slog"

type postgresInstallation struct{}

func findPostgres(*slog.Logger) *postgresInstallation    { return &postgresInstallation{} }
func (*postgresInstallation) starter(*authority) starter { return nil }
func (*postgresInstallation) close() error               { return nil }
