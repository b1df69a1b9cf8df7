// SPDX-License-Identifier: Apache-2.0

package rds

import (
	"slices"
	"time"
)

// shortestInsights is for how many days Performance Insights keeps data where
// nothing else is asked for.
const shortestInsights = 7

// authorities are the certificate authorities that an instance can have. At
// the local cloud they all mean the same certificate.
func authorities() []string {
	return []string{"rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1"}
}

func checkAuthority(id string) error {
	if !slices.Contains(authorities(), id) {
		return notFound("CertificateNotFound", "Certificate not found: %s", id)
	}
	return nil
}

// applyFeatures fills in the features of a new instance.
func (s *Service) applyFeatures(i *instance, in featuresInput) error {
	i.MultiAZ = orElse(in.MultiAZ, false)
	i.applyZones()
	i.engineDefaults()
	i.CACertificateIdentifier = orString(in.CACertificateIdentifier, authorities()[0])
	if err := checkAuthority(i.CACertificateIdentifier); err != nil {
		return err
	}
	i.CertificateDetails = certificate{CAIdentifier: i.CACertificateIdentifier, ValidTill: s.cloud.Clock.Now().AddDate(1, 0, 0).Truncate(time.Second)}
	if in.LicenseModel != "" && in.LicenseModel != i.LicenseModel {
		return invalidValue("Invalid license model: %s", in.LicenseModel)
	}
	i.AutoMinorVersionUpgrade = true
	return i.change(in)
}

// engineDefaults fills in what follows from the engine.
func (i *instance) engineDefaults() {
	i.LicenseModel, i.BackupTarget, i.NetworkType = licence(i.Engine), "region", "IPV4"
}

// change sets the features that take effect at once.
func (i *instance) change(in featuresInput) error {
	if in.MonitoringInterval != nil {
		if !slices.Contains([]int32{0, 1, 5, 10, 15, 30, 60}, *in.MonitoringInterval) {
			return invalidValue("Invalid monitoring interval: %d", *in.MonitoringInterval)
		}
		i.MonitoringInterval = *in.MonitoringInterval
		i.MonitoringRoleArn = optional(in.MonitoringRoleArn)
	}
	if i.MonitoringInterval > 0 && i.MonitoringRoleArn == nil {
		return invalidCombination("A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0.")
	}
	i.AutoMinorVersionUpgrade = orElse(in.AutoMinorVersionUpgrade, i.AutoMinorVersionUpgrade)
	i.CopyTagsToSnapshot = orElse(in.CopyTagsToSnapshot, i.CopyTagsToSnapshot)
	i.DeletionProtection = orElse(in.DeletionProtection, i.DeletionProtection)
	i.IAMDatabaseAuthenticationEnabled = orElse(in.EnableIAMDatabaseAuthentication, i.IAMDatabaseAuthenticationEnabled)
	i.PerformanceInsightsEnabled = orElse(in.EnablePerformanceInsights, i.PerformanceInsightsEnabled)
	if i.PerformanceInsightsEnabled {
		retention := orElse(in.PerformanceInsightsRetention, orElse(i.PerformanceInsightsRetention, shortestInsights))
		i.PerformanceInsightsRetention = &retention
	} else {
		i.PerformanceInsightsRetention = nil
	}
	i.PubliclyAccessible = orElse(in.PubliclyAccessible, i.PubliclyAccessible)
	i.NetworkType = orString(in.NetworkType, i.NetworkType)
	return nil
}

// applyZones gives a Multi-AZ instance its second zone.
func (i *instance) applyZones() {
	if !i.MultiAZ {
		i.SecondaryAvailabilityZone = nil
		return
	}
	for _, n := range i.DBSubnetGroup.Subnets {
		if name := n.SubnetAvailabilityZone.Name; name != i.AvailabilityZone {
			i.SecondaryAvailabilityZone = &name
			return
		}
	}
}

// exports returns the logs that go to CloudWatch after some are added and some
// taken away.
func exports(engine string, have, more, less []string) ([]string, error) {
	known := map[string][]string{
		mysql:    {"audit", "error", "general", "slowquery", "iam-db-auth-error"},
		postgres: {"postgresql", "upgrade", "iam-db-auth-error"},
	}[engine]
	var out []string
	for _, log := range append(slices.Clone(have), more...) {
		if !slices.Contains(known, log) {
			return nil, invalidCombination("You cannot use the log types '%s' with engine version %s.", log, engine)
		}
		if !slices.Contains(out, log) && !slices.Contains(less, log) {
			out = append(out, log)
		}
	}
	slices.Sort(out)
	return out, nil
}
