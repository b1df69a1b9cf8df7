// SPDX-License-Identifier: Apache-2.0

package rds

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"github.com/crossplaneio/crossplane/aws-operator/api/database/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// states maps every status that the RDS user guide lists under "DB instance
// status". One that is not here is newer than this version.
//
//nolint:gochecknoglobals // a table
var states = map[string]managed.State{
	"creating": managed.Creating,

	"available":                       managed.Available,
	"backing-up":                      managed.Available,
	"backtracking":                    managed.Available,
	"configuring-enhanced-monitoring": managed.Available,
	"configuring-iam-database-auth":   managed.Available,
	"configuring-log-exports":         managed.Available,
	"modifying":                       managed.Available,
	"resetting-master-credentials":    managed.Available,
	"storage-config-upgrade":          managed.Available,
	"storage-initialization":          managed.Available,
	"storage-optimization":            managed.Available,

	"converting-to-vpc": managed.Unavailable,
	"maintenance":       managed.Unavailable,
	"moving-to-vpc":     managed.Unavailable,
	"rebooting":         managed.Unavailable,
	"renaming":          managed.Unavailable,
	"starting":          managed.Unavailable,
	"stopping":          managed.Unavailable,
	"upgrading":         managed.Unavailable,

	"stopped": managed.Stopped,

	"failed":                              managed.Failed,
	"inaccessible-encryption-credentials": managed.Failed,
	"inaccessible-encryption-credentials-recoverable": managed.Failed,
	"incompatible-create":                             managed.Failed,
	"incompatible-network":                            managed.Failed,
	"incompatible-option-group":                       managed.Failed,
	"incompatible-parameters":                         managed.Failed,
	"incompatible-restore":                            managed.Failed,
	"insufficient-capacity":                           managed.Failed,
	"restore-error":                                   managed.Failed,
	"storage-full":                                    managed.Failed,

	"delete-precheck": managed.Deleting,
	"deleting":        managed.Deleting,
}

func stateOf(status string) managed.State {
	if s, ok := states[status]; ok {
		return s
	}
	return managed.Unknown
}

// refusesChanges holds in the states in which RDS answers a change with
// InvalidDBInstanceState. A full or wrongly configured instance is repaired by
// changing it.
func refusesChanges(status string) bool {
	return !slices.Contains([]string{
		"available", "storage-optimization", "storage-initialization", "storage-full", "incompatible-parameters", "incompatible-option-group",
	}, status)
}

// pendingOf returns what RDS has agreed to change and not changed yet.
func pendingOf(db *types.DBInstance) types.PendingModifiedValues {
	if db.PendingModifiedValues == nil {
		return types.PendingModifiedValues{}
	}
	return *db.PendingModifiedValues
}

// pendingModifications names it. Never a value: one of them is a password.
func pendingModifications(db *types.DBInstance) []string {
	var names []string
	v := reflect.ValueOf(pendingOf(db))
	for i := range v.NumField() {
		f, value := v.Type().Field(i), v.Field(i)
		empty := value.IsZero() || value.Kind() == reflect.Slice && value.Len() == 0
		if f.IsExported() && !empty {
			names = append(names, f.Name)
		}
	}
	return names
}

func passwordPending(db *types.DBInstance) bool {
	return pendingOf(db).MasterUserPassword != nil || aws.ToString(db.DBInstanceStatus) == "resetting-master-credentials"
}

func securityGroups(db *types.DBInstance) []string {
	var ids []string
	for _, g := range db.VpcSecurityGroups {
		if aws.ToString(g.Status) != "removing" {
			ids = append(ids, aws.ToString(g.VpcSecurityGroupId))
		}
	}
	return ids
}

// inGroup reports whether the instance has the parameter group, even if some of
// its parameters wait for a restart.
func inGroup(groups []types.DBParameterGroupStatus, name string) bool {
	return slices.ContainsFunc(groups, func(g types.DBParameterGroupStatus) bool {
		return strings.EqualFold(aws.ToString(g.DBParameterGroupName), name)
	})
}

func inOptionGroup(groups []types.OptionGroupMembership, name string) bool {
	return slices.ContainsFunc(groups, func(g types.OptionGroupMembership) bool {
		return strings.EqualFold(aws.ToString(g.OptionGroupName), name) && !strings.Contains(aws.ToString(g.Status), "remov")
	})
}

// upgrades reports whether want is a version that have is not, and not older.
func upgrades(want, have string) bool {
	return want != "" && !begins(have, want) && compareVersions(want, have) > 0
}

// downgrades reports whether the spec asks for an older version than the
// instance has. A newer patch of the same version is RDS's own doing, unless
// the spec forbids that.
func downgrades(want v1alpha1.RDSInstanceParameters, have string) bool {
	if want.EngineVersion == "" || begins(have, want.EngineVersion) || compareVersions(want.EngineVersion, have) >= 0 {
		return false
	}
	byItself := want.AutoMinorVersionUpgrade == nil || *want.AutoMinorVersionUpgrade
	return !byItself || majorVersion(want.Engine, want.EngineVersion) != majorVersion(want.Engine, have)
}

// majorVersion is what takes a major upgrade to change: two numbers for MySQL,
// one for PostgreSQL.
func majorVersion(engine, version string) string {
	parts := strings.Split(version, ".")
	if engine == v1alpha1.EnginePostgres {
		return parts[0]
	}
	return strings.Join(parts[:min(len(parts), 2)], ".")
}

// begins reports whether version is prefix, or prefix and more parts.
func begins(version, prefix string) bool {
	return version == prefix || strings.HasPrefix(version, prefix+".")
}

func compareVersions(a, b string) int {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(x), len(y)) {
		m, errM := strconv.Atoi(x[i])
		n, errN := strconv.Atoi(y[i])
		if errM != nil || errN != nil {
			m, n = strings.Compare(x[i], y[i]), 0
		}
		if m != n {
			return m - n
		}
	}
	return len(x) - len(y)
}

// first returns the first value that there is.
func first[T any](values ...*T) *T {
	for _, v := range values {
		if v != nil {
			return v
		}
	}
	return nil
}

func orFalse(b *bool) *bool { return aws.Bool(aws.ToBool(b)) }

// sameName returns the name on record where it differs from RDS's by case
// alone: RDS writes all identifiers in lower case.
func sameName(recorded, name string) string {
	if strings.EqualFold(recorded, name) {
		return recorded
	}
	return name
}

// Identifiers have 1 to 63 letters, digits and hyphens, begin with a letter, do
// not end with a hyphen and have no two in a row (RDS API reference,
// CreateDBInstance).
var instanceNames = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$`)

var errInvalidName = errors.New("not a name that RDS accepts")

const longestName = 63

func validInstanceName(name string) error {
	if len(name) > longestName || !instanceNames.MatchString(name) {
		return fmt.Errorf("%w: %q is not 1 to %d letters, digits and single hyphens that begin with a letter", errInvalidName, name, longestName)
	}
	return nil
}

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

// instanceName is readable, and unique by a part of the owner id.
func instanceName(object, owner string) string {
	unique := "-" + owner[:min(len(owner), 8)]
	name := strings.Trim(notInNames.ReplaceAllString(strings.ToLower(object), "-"), "-")
	if name == "" || name[0] < 'a' {
		name = strings.TrimSuffix("db-"+name, "-")
	}
	name = name[:min(len(name), longestName-len(unique))]
	return strings.Trim(name, "-") + strings.TrimSuffix(unique, "-")
}
