// SPDX-License-Identifier: Apache-2.0

package flexible

import (
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/crossplaneio/crossplane/azure-operator/api/database/v1alpha1"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/managed"
)

const reconcileRequested = contract.AnnotationReconcileRequestedAt

const stateReady = "Ready"

// states maps the states that the two services document for a server. One that
// is not here is newer than this version.
//
//nolint:gochecknoglobals // a table
var states = map[string]managed.State{
	"Provisioning": managed.Creating,

	stateReady: managed.Available,
	"Updating": managed.Available,

	"Starting":   managed.Unavailable,
	"Stopping":   managed.Unavailable,
	"Restarting": managed.Unavailable,

	"Stopped":  managed.Stopped,
	disabled:   managed.Stopped, // Azure or its owner has switched it off
	"Dropping": managed.Deleting,

	"Inaccessible": managed.Failed, // its encryption key can't be reached
}

// stateOf translates a server's state. MySQL calls a server that is being made
// Starting, too.
func stateOf(state string, young bool) managed.State {
	s, known := states[state]
	switch {
	case !known:
		return managed.Unknown
	case young && s == managed.Unavailable:
		return managed.Creating
	default:
		return s
	}
}

// Assess implements managed.External.
func (e server[MR]) Assess(mr MR, obs *Server) managed.Assessment {
	want := e.engine.spec(mr)
	_, seen := mr.Server()
	_, status := mr.Managed()
	fixed := fixed(want, obs, seen.Databases)
	unmade := toMake(want.Databases, seen.Databases, obs)
	*seen = e.observed(want, obs, seen.Databases)
	_, drift := plan(want, obs)
	a := managed.Assessment{
		Name:            obs.Name,
		Tags:            obs.Tags,
		State:           stateOf(obs.State, status.FirstReadyTime == nil),
		Message:         obs.State,
		Busy:            obs.State != stateReady,
		Drift:           drift,
		Fixed:           fixed,
		PasswordPending: obs.State == "Updating",
		Location:        &contract.Location{Provider: "azure", Region: want.Location, Zone: obs.Zone},
		Offers:          e.offers(want, obs),
		Reach:           contract.ReachNetwork,
	}
	if len(unmade) > 0 {
		a.Drift = append(a.Drift, "databases")
		if status.FirstReadyTime == nil {
			a.State, a.Message = managed.Creating, "the database "+unmade[0].Name+" is still to be made"
		}
	}
	if value(obs.Public) {
		a.Reach = contract.ReachInternet
	}
	if a.State == managed.Available {
		a.Connection = e.connection(want, obs)
	}
	return a
}

func (e server[MR]) observed(want Spec, obs *Server, seen []string) v1alpha1.ServerObservation {
	o := v1alpha1.ServerObservation{
		State: obs.State, ID: obs.ID, Version: obs.FullVersion, SKU: obs.SKU, StorageGiB: value(obs.StorageGiB),
		HighAvailability: orDisabled(obs.HAMode), Databases: seen,
	}
	if obs.Host != "" {
		o.Endpoint = net.JoinHostPort(obs.Host, strconv.Itoa(int(obs.Port)))
	}
	if obs.Listed {
		for _, db := range want.Databases {
			known := slices.Contains(o.Databases, db.Name)
			if !known && len(missing([]v1alpha1.Database{db}, obs.Databases)) == 0 {
				o.Databases = append(slices.Clone(o.Databases), db.Name)
			}
		}
		slices.Sort(o.Databases)
	}
	return o
}

func (e server[MR]) offers(want Spec, obs *Server) *contract.Offer {
	attributes := map[string]string{
		"engineVersion":    obs.FullVersion,
		"storageGiB":       strconv.Itoa(int(value(obs.StorageGiB))),
		"highAvailability": strconv.FormatBool(orDisabled(obs.HAMode) != disabled),
	}
	if len(want.Databases) > 0 {
		attributes["databaseName"] = want.Databases[0].Name
	}
	return &contract.Offer{Group: "database.crossplane.io", Kind: e.engine.claim, Attributes: attributes}
}

func (e server[MR]) connection(want Spec, obs *Server) map[string]string {
	database := e.engine.database
	if len(want.Databases) > 0 {
		database = want.Databases[0].Name
	}
	c := map[string]string{
		contract.KeyType:     e.engine.typ,
		contract.KeyProvider: "azure",
		contract.KeyHost:     obs.Host,
		contract.KeyPort:     strconv.Itoa(int(obs.Port)),
		contract.KeyUsername: obs.Login,
		contract.KeyDatabase: database,
		contract.KeyRegion:   want.Location,
		contract.KeyTLS:      "true",
		contract.KeyCA:       e.trust,
	}
	maps.DeleteFunc(c, func(_, v string) bool { return strings.TrimSpace(v) == "" })
	return c
}
