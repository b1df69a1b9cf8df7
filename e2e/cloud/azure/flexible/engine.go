// SPDX-License-Identifier: Apache-2.0

package flexible

import (
	"net/http"
	"slices"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/azure/arm"
	"github.com/crossplaneio/crossplane/e2e/cloud/database"
)

// engine is what tells the servers of MySQL and PostgreSQL apart.
type engine struct {
	provider string // Microsoft.DBforMySQL
	engine   database.Engine
	creating string // the state while a server is made
	// versions are the major ones that can be asked for, with what they run as.
	versions map[string]string
	// port is the one that clients know; 0: servers say which one they have.
	port int32
	// own are the databases that each server has from the start.
	own []string
	// charset of a database for which none is asked.
	charset, collation string
	// logins that can't be an administrator's, beside those of all engines.
	logins []string
	// storage says what is wrong with a size in GiB, if anything.
	storage func(gib int) error
	// retention is the fewest and the default number of days that backups are kept.
	fewestDays, days int
	// restores are the create modes that make a server from a backup, and where
	// the moment is written.
	restores []string
	moment   string
	// alreadyUsed is what the service calls a name that is taken.
	alreadyUsed string
}

func mysql() engine {
	return engine{
		provider: "Microsoft.DBforMySQL", engine: database.MySQL, creating: "Starting",
		versions: map[string]string{"5.7": "5.7.44", "8.0.21": "8.0.42", "8.4": "8.4.5"},
		own:      []string{"information_schema", "mysql", "performance_schema", "sys"},
		charset:  "utf8mb3", collation: "utf8mb3_general_ci",
		storage: func(gib int) error {
			return between(gib, 20, 32768)
		},
		fewestDays: 1, days: 7,
		restores: []string{"PointInTimeRestore", "GeoRestore"}, moment: "restorePointInTime",
		alreadyUsed: "ServerNameAlreadyExists",
	}
}

func postgres() engine {
	const port = 5432
	return engine{
		provider: "Microsoft.DBforPostgreSQL", engine: database.Postgres, creating: "Provisioning", port: port,
		versions: map[string]string{"13": "13.22", "14": "14.19", "15": "15.14", "16": "16.10", "17": "17.6"},
		own:      []string{"azure_maintenance", "azure_sys", "postgres"},
		charset:  "UTF8", collation: "en_US.utf8",
		logins:     []string{"azure_pg_admin"},
		storage:    steps,
		fewestDays: 7, days: 7,
		restores: []string{"PointInTimeRestore", "GeoRestore", "ReviveDropped"}, moment: "pointInTimeUTC",
		alreadyUsed: "ServerNameAlreadyExists",
	}
}

// steps are the sizes of Premium SSD storage that PostgreSQL servers have.
func steps(gib int) error {
	if slices.Contains([]int{32, 64, 128, 256, 512, 1024, 2048, 4095, 4096, 8192, 16384, 32767}, gib) {
		return nil
	}
	return wrong("Storage size %d GB is not one of the supported sizes: 32, 64, 128, 256, 512, 1024, 2048, 4095, 4096, 8192, 16384, 32767.", gib)
}

func between(gib, least, most int) error {
	if gib < least || gib > most {
		return wrong("The value of parameter storageSizeGB should be in: [%d, %d].", least, most)
	}
	return nil
}

// login says what is wrong with an administrator's name.
func (e engine) login(name string) error {
	reserved := append([]string{"azure_superuser", "admin", "administrator", "root", "guest", "sa", "public"}, e.logins...)
	lower := strings.ToLower(name)
	if name == "" || slices.Contains(reserved, lower) || e.engine == database.Postgres && strings.HasPrefix(lower, "pg_") {
		return wrong("The administrator login name '%s' is not allowed.", name)
	}
	return nil
}

// wrong is a parameter that the service does not accept.
func wrong(format string, args ...any) error {
	return arm.Refuse(http.StatusBadRequest, "InvalidParameterValue", format, args...)
}

// Passwords have 8 to 128 characters of three of four kinds, and do not hold the
// login.
func checkPassword(password, login string) error {
	const fewest, most, kinds = 8, 128, 3
	n := 0
	for _, kind := range []func(rune) bool{
		func(r rune) bool { return r >= 'a' && r <= 'z' }, func(r rune) bool { return r >= 'A' && r <= 'Z' },
		func(r rune) bool { return r >= '0' && r <= '9' }, func(r rune) bool { return strings.ContainsRune("!$#%&*()-_=+[]{}|;:,.<>?/~^@'\"`\\", r) },
	} {
		if strings.ContainsFunc(password, kind) {
			n++
		}
	}
	if len(password) < fewest || len(password) > most || n < kinds || strings.Contains(strings.ToLower(password), strings.ToLower(login)) {
		return arm.Refuse(http.StatusBadRequest, "PasswordNotComplex",
			"Password validation failed. The password does not meet policy requirements because it is not complex enough.")
	}
	return nil
}
