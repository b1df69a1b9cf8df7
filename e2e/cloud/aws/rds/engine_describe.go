// SPDX-License-Identifier: Apache-2.0

package rds

import (
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
)

type describeVersionsInput struct {
	Engine                     string
	EngineVersion              string
	DBParameterGroupFamily     string
	DefaultOnly                *bool
	IncludeAll                 *bool
	ListSupportedCharacterSets *bool
	ListSupportedTimezones     *bool
	Filters                    []filter
	pageInput
}

type versionsPage struct {
	DBEngineVersions []versionView `xml:"DBEngineVersions>DBEngineVersion"`
	Marker           string        `xml:",omitempty"`
}

type versionView struct {
	Engine                            string
	EngineVersion                     string
	MajorEngineVersion                string
	DBParameterGroupFamily            string
	DBEngineDescription               string
	DBEngineVersionDescription        string
	Status                            string
	ValidUpgradeTarget                []upgradeTarget `xml:"ValidUpgradeTarget>UpgradeTarget"`
	SupportedCACertificateIdentifiers []string        `xml:"SupportedCACertificateIdentifiers>member"`
}

type upgradeTarget struct {
	Engine                string
	EngineVersion         string
	Description           string
	AutoUpgrade           bool
	IsMajorVersionUpgrade bool
}

func (s *Service) describeVersions(_ *query.Request, in *describeVersionsInput) (*versionsPage, error) {
	var found []versionView
	for _, v := range versions() {
		if in.matches(v) {
			found = append(found, v.view())
		}
	}
	// The list is in the order of the engines and versions, which is not that
	// of strings: one page holds all of it.
	if _, err := in.size(); err != nil {
		return nil, err
	}
	return &versionsPage{DBEngineVersions: found}, nil
}

func (in *describeVersionsInput) matches(v engineVersion) bool {
	isDefault := v.chosen && v.major == defaultMajor(v.engine)
	return (in.Engine == "" || in.Engine == v.engine) &&
		(in.EngineVersion == "" || in.EngineVersion == v.version || in.EngineVersion == v.major) &&
		(in.DBParameterGroupFamily == "" || in.DBParameterGroupFamily == v.family()) &&
		(!orElse(in.DefaultOnly, false) || isDefault)
}

func (v engineVersion) view() versionView {
	title := map[string]string{mysql: "MySQL", postgres: "PostgreSQL"}[v.engine]
	out := versionView{
		Engine: v.engine, EngineVersion: v.version, MajorEngineVersion: v.major, DBParameterGroupFamily: v.family(), Status: "available",
		DBEngineDescription: title, DBEngineVersionDescription: title + " " + v.version, SupportedCACertificateIdentifiers: authorities(),
	}
	for _, to := range versions() {
		if to.engine == v.engine && compareVersions(to.version, v.version) > 0 {
			out.ValidUpgradeTarget = append(out.ValidUpgradeTarget, upgradeTarget{
				Engine: to.engine, EngineVersion: to.version, Description: strings.TrimSpace(title + " " + to.version), IsMajorVersionUpgrade: to.major != v.major,
			})
		}
	}
	return out
}
