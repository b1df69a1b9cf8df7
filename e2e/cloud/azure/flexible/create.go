// SPDX-License-Identifier: Apache-2.0

package flexible

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/azure/arm"
	"github.com/crossplaneio/crossplane/e2e/cloud/database"
)

// Names have 3 to 63 lower case letters, digits and hyphens, and neither begin nor end with
// a hyphen.
var serverNames = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$`)

var skuNames = map[string]*regexp.Regexp{ //nolint:gochecknoglobals // a table
	"Burstable":       regexp.MustCompile(`^Standard_B[0-9]+[a-z]+(_v[0-9]+)?$`),
	"GeneralPurpose":  regexp.MustCompile(`^Standard_D[0-9]+[a-z]*(_v[0-9]+)?$`),
	"MemoryOptimized": regexp.MustCompile(`^Standard_E[0-9]+[a-z]*(_v[0-9]+)?$`),
}

// create checks what is asked for, and gives the server what runs behind it.
func (s *Servers) create(_ *arm.Call, r *arm.Resource, e engine) error {
	if err := s.name(r, e); err != nil {
		return err
	}
	var from *backup
	if mode := arm.Text(r.Body, "properties", "createMode"); slices.Contains(e.restores, mode) {
		var err error
		if from, err = s.source(r, e, mode); err != nil {
			return err
		}
		r.Body = arm.Merge(from.body, r.Body)
	}
	if err := s.admit(r, e); err != nil {
		return err
	}
	complete(r.Body, e)
	if err := check(r.Body, e); err != nil {
		return err
	}
	return s.launch(r, e, from)
}

// name says whether the server may be called so: names are host names, of
// everybody in the world.
func (s *Servers) name(r *arm.Resource, e engine) error {
	name := r.ID.Name()
	if !serverNames.MatchString(name) {
		return arm.Refuse(http.StatusBadRequest, "InvalidServerName",
			"Server name '%s' is invalid. It can contain only lowercase letters, numbers and hyphens, and must have 3 to 63 characters.", name)
	}
	if s.used[nameKey(r)] || slices.Contains(s.taken, name) {
		return arm.Refuse(http.StatusConflict, e.alreadyUsed, "Specified server name is already used.")
	}
	return nil
}

// admit says whether the subscription may have another server.
func (s *Servers) admit(r *arm.Resource, e engine) error {
	if s.cloud.Settings.Quota(e.provider+":servers") == 0 {
		return nil
	}
	region := strings.ToLower(strings.ReplaceAll(arm.Text(r.Body, "location"), " ", ""))
	have := s.manager.Count(r.ID.Type(), r.ID.Subscription, region)
	if s.cloud.Settings.Exceeds(e.provider+":servers", have+1) {
		return arm.Refuse(http.StatusConflict, "QuotaExceeded",
			"Operation could not be completed as it results in exceeding approved %s servers quota in region %s.", e.provider, region)
	}
	return nil
}

// complete fills in what is left out.
func complete(b arm.Body, e engine) {
	arm.Default(b, map[string]any{}, "properties")
	if e.engine == database.MySQL {
		arm.Default(b, "8.0.21", "properties", "version")
		arm.Default(b, "Enabled", "properties", "storage", "autoGrow")
		arm.Default(b, 360, "properties", "storage", "iops")
	} else {
		arm.Default(b, "17", "properties", "version")
		arm.Default(b, "Disabled", "properties", "storage", "autoGrow")
	}
	arm.Default(b, 32, "properties", "storage", "storageSizeGB")
	arm.Default(b, e.days, "properties", "backup", "backupRetentionDays")
	arm.Default(b, "Disabled", "properties", "backup", "geoRedundantBackup")
	arm.Default(b, "Disabled", "properties", "highAvailability", "mode")
	arm.Default(b, "Disabled", "properties", "maintenanceWindow", "customWindow")
	arm.Default(b, "1", "properties", "availabilityZone")
	access := "Enabled"
	if arm.Text(b, "properties", "network", "delegatedSubnetResourceId") != "" {
		access = "Disabled"
	}
	arm.Default(b, access, "properties", "network", "publicNetworkAccess")
}

// check says what is wrong with a server as it would be.
func check(b arm.Body, e engine) error {
	tier, sku := arm.Text(b, "sku", "tier"), arm.Text(b, "sku", "name")
	names, known := skuNames[tier]
	if !known || !names.MatchString(sku) {
		return arm.Refuse(http.StatusBadRequest, "InvalidSku", "The SKU '%s' of tier '%s' is not supported.", sku, tier)
	}
	if v := arm.Text(b, "properties", "version"); e.versions[v] == "" {
		return wrong("The server version '%s' is not supported.", v)
	}
	size, _ := arm.Number(b, "properties", "storage", "storageSizeGB")
	if err := e.storage(size); err != nil {
		return err
	}
	const mostDays = 35
	if days, _ := arm.Number(b, "properties", "backup", "backupRetentionDays"); days < e.fewestDays || days > mostDays {
		return wrong("The value of parameter backupRetentionDays should be in: [%d, %d].", e.fewestDays, mostDays)
	}
	switch mode := arm.Text(b, "properties", "highAvailability", "mode"); mode {
	case "Disabled":
	case "SameZone", "ZoneRedundant":
		if tier == "Burstable" {
			return wrong("High availability is not supported for the Burstable tier.")
		}
	default:
		return wrong("The high availability mode '%s' is not supported.", mode)
	}
	login := arm.Text(b, "properties", "administratorLogin")
	return e.login(login)
}

// launch gives the server its database server.
func (s *Servers) launch(r *arm.Resource, e engine, from *backup) error {
	login := arm.Text(r.Body, "properties", "administratorLogin")
	password := arm.Text(r.Body, "properties", "administratorLoginPassword")
	spec := database.Spec{ID: arm.UUID(), Engine: e.engine, Username: login, Password: password, Port: e.port}
	if from != nil {
		spec.From, spec.Password = from.data, from.data.Password
	} else if err := checkPassword(password, login); err != nil {
		return err
	}
	spec.Version = e.versions[arm.Text(r.Body, "properties", "version")]
	if port, ok := arm.Number(r.Body, "properties", "databasePort"); ok {
		spec.Port = int32(port) //nolint:gosec // G115: a port fits
	}
	at, err := s.databases.Add(spec)
	if err != nil {
		return err
	}
	r.Own = &server{id: spec.ID, at: at, full: spec.Version}
	s.used[nameKey(r)] = true
	forgetPassword(r.Body)
	if from != nil {
		return s.refill(r, e, from)
	}
	return nil
}

// busy refuses what can't be done while something else is.
func busy(r *arm.Resource) error {
	return arm.Refuse(http.StatusConflict, "ServerIsBusy",
		"Cannot complete operation because server '%s' is busy processing another operation. Its state is '%s'.", r.ID.Name(), stateOf(r))
}

func nameKey(r *arm.Resource) string { return r.ID.Provider + "/" + r.ID.Name() }

// forgetPassword takes the password out of what is kept.
func forgetPassword(b arm.Body) {
	if p, ok := b["properties"].(map[string]any); ok {
		delete(p, "administratorLoginPassword")
	}
}
