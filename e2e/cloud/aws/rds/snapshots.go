// SPDX-License-Identifier: Apache-2.0

package rds

import (
	"slices"
	"strings"
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/database"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// kindSnapshot is the kind of DB snapshots in ledgers.
const kindSnapshot = "DBSnapshot"

// snapshot is a manual snapshot: what the API shows, what the instance was and
// its data.
type snapshot struct {
	snapshotView

	of    description
	data  *database.Snapshot
	ready time.Time
}

type snapshotView struct {
	DBSnapshotIdentifier             string
	DBSnapshotArn                    string
	DBInstanceIdentifier             string
	DbiResourceID                    string `xml:"DbiResourceId"`
	SnapshotType                     string
	Status                           string
	PercentProgress                  int32
	SnapshotCreateTime               time.Time
	InstanceCreateTime               *time.Time `xml:",omitempty"`
	Engine                           string
	EngineVersion                    string
	LicenseModel                     string
	MasterUsername                   string
	AllocatedStorage                 int32
	StorageType                      string
	Iops                             *int32 `xml:",omitempty"`
	StorageThroughput                *int32 `xml:",omitempty"`
	Port                             int32
	AvailabilityZone                 string
	VpcID                            string `xml:"VpcId"`
	Encrypted                        bool
	KmsKeyID                         *string `xml:"KmsKeyId,omitempty"`
	IAMDatabaseAuthenticationEnabled bool
	TagList                          []tag `xml:"TagList>Tag"`
}

type snapshotResult struct {
	DBSnapshot snapshotView
}

type createSnapshotInput struct {
	DBInstanceIdentifier string
	DBSnapshotIdentifier string
	Tags                 []tag
}

func (s *Service) createSnapshot(r *query.Request, in *createSnapshotInput) (*snapshotResult, error) {
	here := s.in(r.Scope)
	i, err := here.find(in.DBInstanceIdentifier)
	if err != nil {
		return nil, err
	}
	if !copyable(i.state()) {
		return nil, wrongState("Cannot create a snapshot because the database instance %s is not currently in the available state.", i.DBInstanceIdentifier)
	}
	sn, err := s.copy(r, here, i, in.DBSnapshotIdentifier, in.Tags)
	if err != nil {
		return nil, err
	}
	if i.state() == available {
		s.begin(here, i, s.lasts(local.Snapshot, backingUp, nil))
	}
	view := sn.view(s.cloud.Clock.Now())
	view.Status, view.PercentProgress = creating, 0
	return &snapshotResult{view}, nil
}

// copy makes a snapshot of the instance as it is now.
func (s *Service) copy(r *query.Request, here *region, i *instance, name string, tags []tag) (*snapshot, error) {
	name, err := s.freeSnapshot(here, name)
	if err != nil {
		return nil, err
	}
	if i.CopyTagsToSnapshot {
		tags = append(slices.Clone(i.TagList), tags...)
	}
	if tags, err = mergedTags(nil, tags); err != nil {
		return nil, err
	}
	data, err := s.databases.Snapshot(i.DbiResourceID)
	if err != nil {
		return nil, err
	}
	now := s.cloud.Clock.Now()
	sn := &snapshot{of: i.description, data: data, ready: now.Add(s.cloud.Settings.Delay(local.Snapshot)), snapshotView: snapshotView{
		DBSnapshotIdentifier: name, DBSnapshotArn: arn(here.scope, "snapshot", name), DBInstanceIdentifier: i.DBInstanceIdentifier,
		DbiResourceID: i.DbiResourceID, SnapshotType: "manual", SnapshotCreateTime: now, InstanceCreateTime: i.InstanceCreateTime,
		Engine: i.Engine, EngineVersion: i.EngineVersion, LicenseModel: i.LicenseModel, MasterUsername: i.MasterUsername,
		AllocatedStorage: i.AllocatedStorage, StorageType: i.StorageType, Iops: i.Iops, StorageThroughput: i.StorageThroughput,
		Port: i.at.Port, AvailabilityZone: i.AvailabilityZone, VpcID: i.DBSubnetGroup.VpcID, Encrypted: i.StorageEncrypted, KmsKeyID: i.KmsKeyID,
		IAMDatabaseAuthenticationEnabled: i.IAMDatabaseAuthenticationEnabled, TagList: tags,
	}}
	here.snapshots.Put(name, sn)
	s.cloud.HideNew(sn.DBSnapshotArn, r.Effect)
	s.record(r, kindSnapshot, name, local.Created)
	return sn, nil
}

func (s *Service) freeSnapshot(here *region, name string) (string, error) {
	id, err := checkIdentifier("DBSnapshotIdentifier", name, longestName)
	if err != nil {
		return "", err
	}
	if _, exists := here.snapshots.Get(id); exists {
		return "", refuse("DBSnapshotAlreadyExists", "Cannot create the snapshot because a snapshot with the identifier %s already exists.", id)
	}
	if s.cloud.Settings.Exceeds("rds:snapshots", here.snapshots.Len()+1) {
		return "", refuse("SnapshotQuotaExceeded", "Cannot create more than the allowed number of manual snapshots.")
	}
	return id, nil
}

func (sn *snapshot) view(now time.Time) snapshotView {
	v := sn.snapshotView
	v.Status, v.PercentProgress = available, 100
	if now.Before(sn.ready) {
		v.Status, v.PercentProgress = creating, 50
	}
	return v
}

type describeSnapshotsInput struct {
	DBInstanceIdentifier string
	DBSnapshotIdentifier string
	DbiResourceID        string `query:"DbiResourceId"`
	SnapshotType         string
	IncludePublic        *bool
	IncludeShared        *bool
	Filters              []filter
	pageInput
}

type snapshotsPage struct {
	DBSnapshots []snapshotView `xml:"DBSnapshots>DBSnapshot"`
	Marker      string         `xml:",omitempty"`
}

func (s *Service) describeSnapshots(r *query.Request, in *describeSnapshotsInput) (*snapshotsPage, error) {
	here, now := s.in(r.Scope), s.cloud.Clock.Now()
	if name := strings.ToLower(in.DBSnapshotIdentifier); name != "" {
		sn, err := here.findSnapshot(name)
		if err != nil {
			return nil, err
		}
		if s.cloud.Veil.Hides(sn.DBSnapshotArn) {
			return nil, snapshotNotFound(name)
		}
		return &snapshotsPage{DBSnapshots: []snapshotView{sn.view(now)}}, nil
	}
	found := make([]snapshotView, 0, here.snapshots.Len())
	for _, sn := range here.snapshots.All() {
		ok, err := in.matches(sn)
		if err != nil {
			return nil, err
		}
		if ok && !s.cloud.Veil.Hides(sn.DBSnapshotArn) {
			found = append(found, sn.view(now))
		}
	}
	page, next, err := paged(found, func(v snapshotView) string { return v.DBSnapshotIdentifier }, in.pageInput)
	return &snapshotsPage{DBSnapshots: page, Marker: next}, err
}

func (in *describeSnapshotsInput) matches(sn *snapshot) (bool, error) {
	ok := (in.DBInstanceIdentifier == "" || strings.EqualFold(in.DBInstanceIdentifier, sn.DBInstanceIdentifier)) &&
		(in.DbiResourceID == "" || in.DbiResourceID == sn.DbiResourceID) &&
		(in.SnapshotType == "" || in.SnapshotType == sn.SnapshotType)
	for _, f := range in.Filters {
		value, known := map[string]string{
			"db-instance-id": sn.DBInstanceIdentifier, "db-snapshot-id": sn.DBSnapshotIdentifier,
			"dbi-resource-id": sn.DbiResourceID, "snapshot-type": sn.SnapshotType, "engine": sn.Engine,
		}[f.Name]
		if !known {
			return false, invalidValue("Unrecognized filter name: %s", f.Name)
		}
		ok = ok && slices.Contains(f.Values, value)
	}
	return ok, nil
}

type deleteSnapshotInput struct {
	DBSnapshotIdentifier string
}

func (s *Service) deleteSnapshot(r *query.Request, in *deleteSnapshotInput) (*snapshotResult, error) {
	here, now := s.in(r.Scope), s.cloud.Clock.Now()
	sn, err := here.findSnapshot(in.DBSnapshotIdentifier)
	if err != nil {
		return nil, err
	}
	if now.Before(sn.ready) {
		return nil, refuse("InvalidDBSnapshotState", "The snapshot %s is not in the available state.", sn.DBSnapshotIdentifier)
	}
	here.snapshots.Delete(sn.DBSnapshotIdentifier)
	sn.data.Discard()
	s.record(r, kindSnapshot, sn.DBSnapshotIdentifier, local.Deleted)
	view := sn.view(now)
	view.Status = "deleted"
	return &snapshotResult{view}, nil
}

func (r *region) findSnapshot(name string) (*snapshot, error) {
	if name == "" {
		return nil, missing("DBSnapshotIdentifier")
	}
	id := strings.ToLower(strings.TrimPrefix(name, arn(r.scope, "snapshot", "")))
	sn, ok := r.snapshots.Get(id)
	if !ok {
		return nil, snapshotNotFound(name)
	}
	return sn, nil
}

func snapshotNotFound(name string) error {
	return notFound("DBSnapshotNotFound", "DBSnapshot %s not found.", name)
}
