// SPDX-License-Identifier: Apache-2.0

package flexible

import (
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/crossplaneio/crossplane/azure-operator/api/database/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/diff"
)

const disabled = "Disabled"

// plan returns the change that brings a server to want, and the names of the
// fields that it changes.
func plan(want Spec, have *Server) (Change, diff.Fields) {
	var c Change
	var d diff.Fields
	if want.SKU.Name != "" && (want.SKU.Name != have.SKU || want.SKU.Tier != have.Tier) {
		d = append(d, "sku")
		c.SKU = &want.SKU
	}
	if want.StorageGiB != nil && *want.StorageGiB > value(have.StorageGiB) {
		diff.Value(&d, "storageGiB", want.StorageGiB, have.StorageGiB, &c.StorageGiB)
	}
	diff.Value(&d, "storageAutoGrow", want.StorageAutoGrow, have.AutoGrow, &c.AutoGrow)
	diff.Value(&d, "iops", want.IOPS, have.IOPS, &c.IOPS)
	if ha := want.HighAvailability; ha != nil && (!sameMode(ha.Mode, have.HAMode) || movedStandby(ha, have)) {
		d = append(d, "highAvailability")
		c.HA = ha
	}
	diff.Value(&d, "backupRetentionDays", want.RetentionDays, have.RetentionDays, &c.RetentionDays)
	diff.Value(&d, "publicNetworkAccess", want.PublicNetworkAccess, have.Public, &c.Public)
	if newer(want.Version, have.Version) {
		diff.Text(&d, "version", want.Version, nil, &c.Version)
	}
	if lacking := diff.Tags(&d, want.Tags, have.Tags); len(lacking) > 0 {
		c.Tags = with(have.Tags, lacking) // Azure replaces all tags
	}
	if w := want.MaintenanceWindow; w != nil && (have.Window == nil || *w != *have.Window) {
		if len(d) == 0 {
			c.Window = w
		}
		d = append(d, "maintenanceWindow")
	}
	return c, d
}

// fixed returns what differs and can't be changed, each with why.
func fixed(want Spec, have *Server, seen []string) diff.Fields {
	var d diff.Fields
	if location := short(have.Location); location != want.Location {
		diff.FixedText(&d, "location", want.Location, &location)
	}
	if have.Version != "" && newer(have.Version, want.Version) && want.Version != "" && !begins(have.Version, want.Version) {
		d = append(d, fmt.Sprintf("version (%s → %s: Azure can't go back)", have.Version, want.Version))
	}
	if size := value(have.StorageGiB); want.StorageGiB != nil && *want.StorageGiB < size && !grows(want, have) && !restores(want.RestoreFrom) {
		d = append(d, fmt.Sprintf("storageGiB (%d → %d: storage can't shrink)", size, *want.StorageGiB))
	}
	if !restores(want.RestoreFrom) {
		diff.FixedText(&d, "administratorLogin", want.AdministratorLogin, &have.Login)
	}
	if sameMode(have.HAMode, disabled) { // otherwise a failover may have exchanged the zones
		diff.FixedText(&d, "zone", want.Zone, &have.Zone)
	}
	if have.GeoRedundant != nil {
		diff.Fixed(&d, "geoRedundantBackup", want.GeoRedundantBackup, have.GeoRedundant)
	}
	for _, id := range []struct{ field, want, have string }{
		{"delegatedSubnetID", want.DelegatedSubnetID, have.Subnet}, {"privateDNSZoneID", want.PrivateDNSZoneID, have.DNSZone},
	} {
		if !strings.EqualFold(id.want, id.have) {
			diff.FixedText(&d, id.field, id.want, &id.have)
		}
	}
	if have.Listed {
		for _, db := range missing(want.Databases, have.Databases) {
			if len(missing([]v1alpha1.Database{db}, seen)) == 0 {
				d = append(d, fmt.Sprintf("databases (%s was there and is gone: it is not replaced by an empty one)", db.Name))
			}
		}
	}
	return d
}

// grows reports whether more storage than asked for is Azure's own doing.
func grows(want Spec, have *Server) bool {
	return value(want.StorageAutoGrow) || value(have.AutoGrow)
}

// movedStandby reports whether the standby is in none of the places that were
// asked for: a failover exchanges it with the server.
func movedStandby(want *v1alpha1.HighAvailability, have *Server) bool {
	return want.StandbyZone != "" && want.StandbyZone != have.StandbyZone && want.StandbyZone != have.Zone
}

func sameMode(a, b string) bool { return orDisabled(a) == orDisabled(b) }

func orDisabled(mode string) string {
	if mode == "" {
		return disabled
	}
	return mode
}

// short is a location's short name: Azure writes "West Europe" or westeurope.
func short(location string) string { return strings.ToLower(strings.ReplaceAll(location, " ", "")) }

// begins reports whether version is prefix, or prefix and more parts.
func begins(version, prefix string) bool {
	return version == prefix || strings.HasPrefix(version, prefix+".")
}

// newer reports whether want is a version that have is not, and not an older one.
func newer(want, have string) bool {
	if want == "" || begins(have, want) || begins(want, have) && have != "" {
		return false
	}
	x, y := strings.Split(want, "."), strings.Split(have, ".")
	for i := range min(len(x), len(y)) {
		m, n := number(x[i]), number(y[i])
		if m != n {
			return m > n
		}
	}
	return len(x) > len(y)
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}

// value is what p points to, or nothing.
func value[T any](p *T) T {
	if p == nil {
		var none T
		return none
	}
	return *p
}

// with returns tags with others added.
func with(tags, more map[string]string) map[string]string {
	all := maps.Clone(tags)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, more)
	return all
}
