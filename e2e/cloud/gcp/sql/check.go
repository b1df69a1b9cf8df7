// SPDX-License-Identifier: Apache-2.0

package sql

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/database"
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/rest"
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/sql/wire"
)

// engine is a kind of database server.
type engine struct {
	server database.Engine
	prefix string // of its versions
	user   string // whose password is the root password
	host   string // from where that user may come
	port   int32
}

//nolint:gochecknoglobals // two constants
var (
	mysql    = engine{server: database.MySQL, prefix: "MYSQL_", user: "root", host: "%", port: 3306}
	postgres = engine{server: database.Postgres, prefix: "POSTGRES_", user: "postgres", port: 5432}
)

// versions are those that Cloud SQL makes, in their order, with what is
// installed for each.
func versions() [][2]string {
	return [][2]string{
		{"MYSQL_8_0", "MYSQL_8_0_40"},
		{"MYSQL_8_4", "MYSQL_8_4_4"},
		{"POSTGRES_13", "POSTGRES_13_20"},
		{"POSTGRES_14", "POSTGRES_14_17"},
		{"POSTGRES_15", "POSTGRES_15_12"},
		{"POSTGRES_16", "POSTGRES_16_8"},
		{"POSTGRES_17", "POSTGRES_17_4"},
	}
}

func installed(version string) string {
	for _, v := range versions() {
		if v[0] == version {
			return v[1]
		}
	}
	return version
}

func order(version string) int {
	return slices.IndexFunc(versions(), func(v [2]string) bool { return v[0] == version })
}

func engineOf(version string) (engine, bool) {
	for _, e := range []engine{mysql, postgres} {
		if strings.HasPrefix(version, e.prefix) && order(version) >= 0 {
			return e, true
		}
	}
	return engine{}, false
}

// version is what a server says of itself.
func (e engine) version(name string) string {
	return strings.ReplaceAll(strings.TrimPrefix(installed(name), e.prefix), "_", ".")
}

// edition is what an instance gets that names none: Enterprise Plus from MySQL
// 8.4 and PostgreSQL 16 on (https://cloud.google.com/sql/docs/editions-intro).
func edition(version string) string {
	switch version {
	case "MYSQL_8_4", "POSTGRES_16", "POSTGRES_17":
		return enterprisePlus
	}
	return enterprise
}

const (
	enterprise     = "ENTERPRISE"
	enterprisePlus = "ENTERPRISE_PLUS"
)

var (
	plainTiers = regexp.MustCompile(`^(db-f1-micro|db-g1-small|db-custom-[0-9]+-[0-9]+|db-n1-(standard|highmem)-[0-9]+)$`)
	plusTiers  = regexp.MustCompile(`^db-(perf-optimized-N|memory-optimized-N|c4a-highmem)-[0-9]+$`)
)

// leastDisk and mostDisk bound a disk, in GB.
const (
	leastDisk = 10
	mostDisk  = 65536
)

// check says what is wrong with what is asked for.
func check(in *wire.DatabaseInstance) (engine, error) {
	e, ok := engineOf(in.DatabaseVersion)
	if !ok {
		return e, invalid("Invalid value for: Invalid value '%s' for databaseVersion.", in.DatabaseVersion)
	}
	if in.Region != "" && !slices.Contains(Regions(), in.Region) {
		return e, invalid("Invalid value for region: %s", in.Region)
	}
	return e, checkSettings(in)
}

func checkSettings(in *wire.DatabaseInstance) error {
	set := in.Settings
	named := set.Edition
	if named == "" {
		named = edition(in.DatabaseVersion)
	}
	fits := map[string]*regexp.Regexp{enterprise: plainTiers, enterprisePlus: plusTiers}[named]
	switch {
	case set.Tier == "":
		return rest.Refuse(http.StatusBadRequest, "missingInput", "Missing parameter: tier.")
	case fits == nil:
		return invalid("Invalid value for edition: %s", named)
	case !fits.MatchString(set.Tier):
		return invalid("Invalid Tier (%s) for (%s) Edition. Use a predefined Tier like db-perf-optimized-N-* or db-custom-* instead. "+
			"Learn more at https://cloud.google.com/sql/docs/mysql/create-instance#machine-types", set.Tier, named)
	case set.DataDiskSizeGb != 0 && (set.DataDiskSizeGb < leastDisk || set.DataDiskSizeGb > mostDisk):
		return invalid("Invalid value for: Disk size %s GB is out of range.", strconv.FormatInt(set.DataDiskSizeGb, 10))
	}
	return checkLabels(set.UserLabels)
}

// Labels are at most 64 pairs of lower-case texts of at most 63 characters
// (https://cloud.google.com/sql/docs/mysql/label-instance).
var (
	labelKeys   = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,62}$`)
	labelValues = regexp.MustCompile(`^[a-z0-9_-]{0,63}$`)
)

func checkLabels(labels map[string]string) error {
	for key, value := range labels {
		if !labelKeys.MatchString(key) || !labelValues.MatchString(value) {
			return invalid("Invalid label: %s=%s", key, value)
		}
	}
	return nil
}

// checkNetwork says why an instance can't be in a private network.
func (s *Service) checkNetwork(project string, ip *wire.IPConfiguration) error {
	if ip.PrivateNetwork == "" {
		if !ip.Ipv4Enabled && ip.PscConfig == nil {
			return invalid("At least one of Public IP, Private IP or PSC connectivity must be enabled.")
		}
		return nil
	}
	exists, connected := s.network.Connected(project, ip.PrivateNetwork)
	switch {
	case !exists:
		return invalid("Network not found: %s", ip.PrivateNetwork)
	case !connected:
		return rest.Refuse(http.StatusBadRequest, "SERVICE_NETWORKING_NOT_ENABLED",
			"The network doesn't have at least 1 private services connection. Please see "+
				"https://cloud.google.com/vpc/docs/private-services-access#requirements for how to create this connection.")
	}
	return nil
}

// Regions are the regions that there are.
func Regions() []string { return []string{"us-central1", "us-east1", "europe-west1", "europe-west3"} }
