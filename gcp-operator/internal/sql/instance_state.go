// SPDX-License-Identifier: Apache-2.0

package sql

import (
	"errors"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"
	"time"

	"google.golang.org/api/sqladmin/v1"

	"github.com/crossplaneio/crossplane/gcp-operator/api/database/v1alpha1"
	"github.com/crossplaneio/crossplane/gcp-operator/internal/account"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// States of instances and types and states of operations that decide what is
// done (the API's reference).
const (
	stateRunnable = "RUNNABLE"
	stateCreating = "PENDING_CREATE"
	stateDeleting = "PENDING_DELETE"
	stateFailed   = "FAILED"

	opCreate         = "CREATE"
	opUpdate         = "UPDATE"
	opUpdateUser     = "UPDATE_USER"
	opCreateDatabase = "CREATE_DATABASE"
	opDone           = "DONE"

	neverRuns = "NEVER"
)

// states maps every state that the API's reference lists. One that is not here
// is newer than this version. SUSPENDED ends when somebody pays or enables a key.
//
//nolint:gochecknoglobals // a table
var states = map[string]managed.State{
	stateRunnable:        managed.Available,
	stateCreating:        managed.Creating,
	stateDeleting:        managed.Deleting,
	stateFailed:          managed.Failed,
	"MAINTENANCE":        managed.Unavailable,
	"ONLINE_MAINTENANCE": managed.Available,
	"REPAIRING":          managed.Unavailable,
	"SUSPENDED":          managed.Failed,
}

// stateOf says what state an instance is in, and Cloud SQL's words for it. An
// instance without its database is not there yet; one that had it is broken,
// and no empty database takes the place of a full one.
func stateOf(mr *v1alpha1.CloudSQLInstance, o *Observed) (managed.State, string) {
	state, known := states[o.State]
	name := mr.Spec.ForProvider.DatabaseName
	switch {
	case !known:
		return managed.Unknown, o.State
	case o.State == stateRunnable && o.Settings.ActivationPolicy == neverRuns:
		return managed.Stopped, "stopped by its activation policy"
	case o.State == stateRunnable && name != "" && !o.hasDatabase && mr.Status.FirstReadyTime == nil:
		return managed.Creating, "its database " + name + " is not made yet"
	case o.State == stateRunnable && name != "" && !o.hasDatabase:
		return managed.Failed, "its database " + name + " was dropped; it is not replaced by an empty one: make it by hand, or restore the instance"
	case len(o.SuspensionReason) > 0:
		return state, o.State + ": " + strings.Join(o.SuspensionReason, ", ")
	}
	if failed := lastFailure(o.operations); state == managed.Failed && failed != nil {
		return state, o.State + ": " + words(failed)
	}
	return state, o.State
}

// runningOperation returns the operation that is under way, if any.
func runningOperation(latest []*sqladmin.Operation) *sqladmin.Operation {
	for _, op := range latest {
		if op.Status != opDone {
			return op
		}
	}
	return nil
}

// lastFailure returns the last operation if it failed.
func lastFailure(latest []*sqladmin.Operation) *sqladmin.Operation {
	if len(latest) == 0 || latest[0].Error == nil || len(latest[0].Error.Errors) == 0 {
		return nil
	}
	return latest[0]
}

// passwordFailed is why the last new password could not be set, if it could not.
func passwordFailed(latest []*sqladmin.Operation) string {
	for i, op := range latest {
		if op.OperationType != opUpdateUser {
			continue
		}
		if failed := lastFailure(latest[i:]); failed != nil {
			return words(failed)
		}
		return ""
	}
	return ""
}

func words(op *sqladmin.Operation) string {
	e := op.Error.Errors[0]
	return e.Message + " (" + e.Code + ")"
}

func judge(op *sqladmin.Operation) *fault.Error {
	e := op.Error.Errors[0]
	return account.OperationFault("operation "+op.OperationType, e.Code, e.Message)
}

// failedCreation is why an instance could not be made, where that is a matter of
// quota or capacity: whoever waits for it can choose another place. The failed
// instance stays, and goes with the object.
func (e instance) failedCreation(mr *v1alpha1.CloudSQLInstance, o *Observed) error {
	failed := lastFailure(o.operations)
	if o.State != stateFailed || failed == nil || failed.OperationType != opCreate ||
		mr.Status.FirstReadyTime != nil || !mr.DeletionTimestamp.IsZero() {
		return nil
	}
	if f := judge(failed); f.Class == fault.Quota || f.Class == fault.Capacity {
		return f
	}
	return nil
}

// failedLately is for how long a change that failed is not asked for again.
const failedLately = 10 * time.Minute

// failedBefore is why the same change failed when it was asked for last, not
// long ago: asking again at once would fail again.
func (e instance) failedBefore(mr *v1alpha1.CloudSQLInstance, o *Observed) error {
	failed := lastFailure(o.operations)
	if failed == nil || mr.Status.ObservedGeneration != mr.Generation ||
		failed.OperationType != opUpdate && failed.OperationType != opCreateDatabase {
		return nil
	}
	ended, err := time.Parse(time.RFC3339, failed.EndTime)
	if err != nil || e.now().Sub(ended) > failedLately {
		return nil //nolint:nilerr // what ended at no known time was long ago
	}
	return judge(failed)
}

// labels returns the instance's labels.
func (o *Observed) labels() map[string]string {
	if o.Settings == nil {
		return nil
	}
	return o.Settings.UserLabels
}

// ip returns how the instance is reached; never nil.
func (o *Observed) ip() *sqladmin.IpConfiguration {
	if o.Settings == nil || o.Settings.IpConfiguration == nil {
		return &sqladmin.IpConfiguration{}
	}
	return o.Settings.IpConfiguration
}

// engine is what is the same for all instances of a kind of database server.
// The user is the one that Cloud SQL makes with the instance: its password goes
// into the call that creates it, so that no second call has to follow.
type engine struct {
	prefix, kind, typ string
	user              user
	port              int
	database          string // that there always is
}

//nolint:gochecknoglobals // a table
var engines = []engine{
	{prefix: "MYSQL_", kind: "MySQLInstance", typ: "mysql", user: user{name: "root", host: "%"}, port: 3306},
	{prefix: "POSTGRES_", kind: "PostgreSQLInstance", typ: "postgresql", user: user{name: "postgres"}, port: 5432, database: "postgres"},
}

func engineOf(version string) engine {
	for _, e := range engines {
		if strings.HasPrefix(version, e.prefix) {
			return e
		}
	}
	return engine{}
}

// version is a version as clients know it: MYSQL_8_4_4 is 8.4.4.
func (e engine) version(name string) string {
	return strings.ReplaceAll(strings.TrimPrefix(name, e.prefix), "_", ".")
}

// installed is the version in full where Cloud SQL says it.
func (o *Observed) installed() string {
	if strings.HasPrefix(o.DatabaseInstalledVersion, o.DatabaseVersion) {
		return o.DatabaseInstalledVersion
	}
	return o.DatabaseVersion
}

// host is where clients reach the instance: by its DNS name where it has one,
// which its certificate holds, else at an address.
func host(o *Observed) string {
	if o.DnsName != "" && (o.ip().ServerCaMode == casCA || o.ip().PscConfig != nil && o.ip().PscConfig.PscEnabled) {
		return strings.TrimSuffix(o.DnsName, ".")
	}
	wanted := "PRIVATE"
	if o.ip().Ipv4Enabled {
		wanted = "PRIMARY"
	}
	for _, a := range o.IpAddresses {
		if a.Type == wanted {
			return a.IpAddress
		}
	}
	return ""
}

// observed is what users want to see. Of an instance that is being made Cloud
// SQL says more and more, which nobody can use yet.
func observed(want v1alpha1.CloudSQLInstanceParameters, o *Observed) v1alpha1.CloudSQLInstanceObservation {
	if o.State == stateCreating {
		return v1alpha1.CloudSQLInstanceObservation{State: o.State}
	}
	out := v1alpha1.CloudSQLInstanceObservation{
		State:                o.State,
		ConnectionName:       o.ConnectionName,
		DatabaseVersion:      o.installed(),
		PSCServiceAttachment: o.PscServiceAttachmentLink,
	}
	if set := o.Settings; set != nil {
		out.Tier, out.Edition, out.AvailabilityType, out.DataDiskSizeGb = set.Tier, set.Edition, set.AvailabilityType, set.DataDiskSizeGb
	}
	if o.hasDatabase {
		out.DatabaseName = want.DatabaseName
	}
	if at := host(o); at != "" {
		out.Endpoint = net.JoinHostPort(at, strconv.Itoa(engineOf(o.DatabaseVersion).port))
	}
	return out
}

func offers(want v1alpha1.CloudSQLInstanceParameters, o *Observed) *contract.Offer {
	e := engineOf(o.DatabaseVersion)
	if e.kind == "" || o.Settings == nil || o.State == stateCreating {
		return nil
	}
	attributes := map[string]string{
		"engineVersion":    e.version(o.installed()),
		"storageGiB":       strconv.FormatInt(o.Settings.DataDiskSizeGb, 10),
		"highAvailability": strconv.FormatBool(o.Settings.AvailabilityType == "REGIONAL"),
	}
	if want.DatabaseName != "" && o.hasDatabase {
		attributes["databaseName"] = want.DatabaseName
	}
	return &contract.Offer{Group: "database.crossplane.io", Kind: e.kind, Attributes: attributes}
}

func connection(want v1alpha1.CloudSQLInstanceParameters, o *Observed) map[string]string {
	e := engineOf(o.DatabaseVersion)
	c := map[string]string{
		contract.KeyType:     e.typ,
		contract.KeyProvider: "gcp",
		contract.KeyHost:     host(o),
		contract.KeyPort:     strconv.Itoa(e.port),
		contract.KeyUsername: e.user.name,
		contract.KeyDatabase: want.DatabaseName,
		contract.KeyRegion:   want.Region,
		contract.KeyTLS:      "true",
	}
	if c[contract.KeyDatabase] == "" {
		c[contract.KeyDatabase] = e.database
	}
	if o.ServerCaCert != nil {
		c[contract.KeyCA] = o.ServerCaCert.Cert
	}
	for key, value := range c {
		if value == "" {
			delete(c, key)
		}
	}
	return c
}

// Names have lower-case letters, digits and hyphens, begin with a letter and, together
// with the project, have at most 98 characters (Cloud SQL, "Instance settings").
var instanceNames = regexp.MustCompile(`^[a-z]([-a-z0-9]*[a-z0-9])?$`)

var errInvalidName = errors.New("not a name that Cloud SQL accepts")

// longestName leaves room for every project.
const longestName = 63

func validInstanceName(name string) error {
	if len(name) > longestName || !instanceNames.MatchString(name) {
		return fmt.Errorf("%w: %q is not 1 to %d lower-case letters, digits and hyphens that begin with a letter", errInvalidName, name, longestName)
	}
	return nil
}

// instanceName is readable, and unique by a part of the owner id: Cloud SQL
// gives no name a second time within a week.
func instanceName(object, owner string) string { return account.Name(object, owner, longestName) }
