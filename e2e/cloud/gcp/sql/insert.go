// SPDX-License-Identifier: Apache-2.0

package sql

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/database"
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/rest"
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/sql/wire"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// Names are lower-case letters, digits and hyphens, begin with a letter, and
// have at most 98 characters together with the project
// (https://cloud.google.com/sql/docs/mysql/instance-settings).
var names = regexp.MustCompile(`^[a-z]([-a-z0-9]*[a-z0-9])?$`)

const longestName = 98

// namesRest is for how long the name of a deleted instance can't be used again.
const namesRest = 7 * 24 * time.Hour

func (s *Service) insert(r *rest.Request) (any, error) {
	in, err := rest.Read[wire.DatabaseInstance](r)
	if err != nil {
		return nil, err
	}
	if in.Settings == nil {
		return nil, rest.Refuse(http.StatusBadRequest, "missingInput", "Missing parameter: settings.")
	}
	if in.Settings.IPConfiguration == nil {
		in.Settings.IPConfiguration = &wire.IPConfiguration{}
	}
	if !says(r.Body, "settings", "ipConfiguration", "ipv4Enabled") {
		in.Settings.IPConfiguration.Ipv4Enabled = true // what Cloud SQL does
	}
	return s.make(r, in, nil)
}

// make makes an instance, out of a backup's data or empty.
func (s *Service) make(r *rest.Request, in *wire.DatabaseInstance, from *backup) (any, error) {
	p := s.in(r.Project)
	if err := s.nameable(p, in.Name); err != nil {
		return nil, err
	}
	engine, err := check(in)
	if err != nil {
		return nil, err
	}
	fill(in)
	if err := s.checkNetwork(p.id, in.Settings.IPConfiguration); err != nil {
		return nil, err
	}
	if s.cloud.Settings.Exceeds("sqladmin:instances", p.instances.Len()+1) {
		return nil, rest.Refuse(http.StatusForbidden, "quotaExceeded", "The maximum number of instances in project %s is reached.", p.id)
	}
	i := &instance{DatabaseInstance: *in, databaseID: p.id + ":" + in.Name + ":" + uuid()[:8]}
	s.describe(r, p, i)
	spec := database.Spec{
		ID: i.databaseID, Engine: engine.server, Version: engine.version(i.DatabaseVersion), Username: engine.user, Password: in.RootPassword, Port: engine.port,
	}
	if from != nil {
		spec.From, spec.Password = from.data, from.data.Password
		i.databases = from.databases
	}
	at, err := s.databases.Add(spec)
	if err != nil {
		return nil, rest.Refuse(http.StatusServiceUnavailable, "resourceExhausted", "The local cloud cannot run another database: %v", err)
	}
	p.instances.Put(i.Name, i)
	s.cloud.HideNew(i.SelfLink, r.Effect)
	s.record(r, i, kindInstance, i.Name, local.Created)
	return s.begin(r, p, i, work{
		typ: "CREATE", takes: local.Create, meanwhile: pendingCreate,
		done:   func() error { return i.appear(at, engine.port) },
		failed: func() { s.enter(i, failed) },
	}), nil
}

// nameable says why there can be no instance of that name.
func (s *Service) nameable(p *project, name string) error {
	if !names.MatchString(name) || len(p.id)+1+len(name) > longestName {
		return invalid("The instance name is not valid: %s", name)
	}
	_, there := p.instances.Get(name)
	if there || s.cloud.Clock.Now().Before(p.taken[name]) {
		return rest.Refuse(http.StatusConflict, "instanceAlreadyExists", "The Cloud SQL instance already exists. "+
			"When you delete an instance, you can't reuse the name of the deleted instance until one week from the deletion date.")
	}
	return nil
}

// describe fills in what the cloud says of an instance from the start.
func (s *Service) describe(r *rest.Request, p *project, i *instance) {
	i.Kind, i.Project, i.BackendType, i.InstanceType = "sql#instance", p.id, "SECOND_GEN", "CLOUD_SQL_INSTANCE"
	i.ConnectionName = p.id + ":" + i.Region + ":" + i.Name
	i.SelfLink = r.Base + "/v1/projects/" + p.id + "/instances/" + i.Name
	i.CreateTime, i.Settings.SettingsVersion = s.now(), 1
	i.DatabaseInstalledVersion = installed(i.DatabaseVersion)
	i.GceZone = i.Region + "-a"
	if where := i.Settings.LocationPreference; where != nil && where.Zone != "" {
		i.GceZone = where.Zone
	}
	i.ServerCaCert = &wire.SslCert{
		Kind: "sql#sslCert", Instance: i.Name, Cert: string(s.databases.CA()), CommonName: "CN=Local cloud database CA", CreateTime: i.CreateTime,
	}
}

// appear gives the instance what it has only once it exists. Cloud SQL has no
// ports of its own: clients take the engine's.
func (i *instance) appear(at database.Endpoint, port int32) error {
	if at.Port != port {
		return fmt.Errorf("port %d of %s is not free on this machine", port, at.Address) //nolint:err113 // for people to read
	}
	i.readdress(at.Address)
	return nil
}

// says reports whether a JSON object has a field, however deep.
func says(text []byte, path ...string) bool {
	for _, field := range path {
		var object map[string]json.RawMessage
		if json.Unmarshal(text, &object) != nil {
			return false
		}
		if text = object[field]; text == nil {
			return false
		}
	}
	return true
}

// fill sets what Cloud SQL chooses where nothing was said.
func fill(in *wire.DatabaseInstance) {
	set := in.Settings
	in.Region = cmp.Or(in.Region, "us-central1")
	set.Kind, set.PricingPlan = "sql#settings", "PER_USE"
	set.ActivationPolicy = cmp.Or(set.ActivationPolicy, "ALWAYS")
	set.AvailabilityType = cmp.Or(set.AvailabilityType, "ZONAL")
	set.Edition = cmp.Or(set.Edition, edition(in.DatabaseVersion))
	set.DataDiskSizeGb = cmp.Or(set.DataDiskSizeGb, 10)
	set.DataDiskType = cmp.Or(set.DataDiskType, "PD_SSD")
	if set.StorageAutoResize == nil {
		set.StorageAutoResize = new(true)
	}
	if set.BackupConfiguration == nil {
		set.BackupConfiguration = &wire.BackupConfiguration{}
	}
	backups := set.BackupConfiguration
	backups.Kind, backups.StartTime = "sql#backupConfiguration", cmp.Or(backups.StartTime, "04:00")
	if backups.BackupRetentionSettings == nil {
		backups.BackupRetentionSettings = &wire.BackupRetentionSettings{RetentionUnit: "COUNT", RetainedBackups: 7}
	}
	if set.IPConfiguration == nil {
		set.IPConfiguration = &wire.IPConfiguration{}
	}
	ip := set.IPConfiguration
	ip.SslMode = cmp.Or(ip.SslMode, "ALLOW_UNENCRYPTED_AND_ENCRYPTED")
	ip.ServerCaMode = cmp.Or(ip.ServerCaMode, "GOOGLE_MANAGED_INTERNAL_CA")
	for _, entry := range ip.AuthorizedNetworks {
		entry.Kind = "sql#aclEntry"
	}
}
