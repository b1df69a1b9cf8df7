// SPDX-License-Identifier: Apache-2.0

package rds

import (
	"crypto/rand"
	"strings"
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/database"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

type createInput struct {
	DBInstanceIdentifier string
	Engine               string
	EngineVersion        string
	DBName               string
	MasterUsername       string
	MasterUserPassword   string
	StorageEncrypted     *bool
	KmsKeyID             string `query:"KmsKeyId"`
	makeInput
}

func (s *Service) createInstance(r *query.Request, in *createInput) (*instanceResult, error) {
	here := s.in(r.Scope)
	i, err := s.newInstance(here, in)
	if err != nil {
		return nil, err
	}
	spec := database.Spec{
		Engine: database.Engine(in.Engine), Version: i.EngineVersion, Database: orElse(i.DBName, ""),
		Username: in.MasterUsername, Password: in.MasterUserPassword,
	}
	return s.launch(r, here, i, spec, in.Port)
}

// newInstance checks what is asked for, and describes what will be.
func (s *Service) newInstance(here *region, in *createInput) (*instance, error) {
	id, err := checkIdentifier("DBInstanceIdentifier", in.DBInstanceIdentifier, longestInstanceName)
	if err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	version, err := findVersion(in.Engine, in.EngineVersion)
	if err != nil {
		return nil, err
	}
	if err := s.free(here, id); err != nil {
		return nil, err
	}
	i := &instance{description: description{
		DBInstanceIdentifier: id, Engine: in.Engine, EngineVersion: version.version,
		MasterUsername: in.MasterUsername, DBName: in.databaseName(),
	}}
	if err := i.encrypt(here.scope, in); err != nil {
		return nil, err
	}
	return i, s.furnish(here, i, in.makeInput)
}

func (in *createInput) check() error {
	for _, err := range []error{
		checkEngine(in.Engine), checkUser(in.Engine, in.MasterUsername), in.checkPassword(), checkDatabaseName(in.Engine, in.DBName),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

func (in *createInput) checkPassword() error {
	if in.MasterUserPassword == "" {
		return missing("MasterUserPassword")
	}
	return checkPassword(in.Engine, in.MasterUserPassword)
}

// databaseName returns the database that is made at the start: PostgreSQL
// always has one.
func (in *createInput) databaseName() *string {
	if in.DBName == "" && in.Engine == postgres {
		return optional(postgres)
	}
	return optional(in.DBName)
}

func checkPort(port *int32) error {
	if port != nil && (*port < 1150 || *port > 65535) {
		return invalidValue("Invalid database port: %d. It must be between 1150 and 65535.", *port)
	}
	return nil
}

// furnish fills in everything that does not tell instances apart: a restored
// one gets it in the same way.
func (s *Service) furnish(here *region, i *instance, in makeInput) error {
	if err := checkClass(in.DBInstanceClass); err != nil {
		return err
	}
	if err := checkPort(in.Port); err != nil {
		return err
	}
	tags, err := mergedTags(nil, in.Tags)
	if err != nil {
		return err
	}
	i.DBInstanceClass, i.TagList = in.DBInstanceClass, tags
	if i.EnabledCloudwatchLogsExports, err = exports(i.Engine, in.EnableCloudwatchLogsExports, nil, nil); err != nil {
		return err
	}
	storage, err := newStorage(i.Engine, in.storageInput)
	if err != nil {
		return err
	}
	storage.into(&i.description)
	if most := s.cloud.Settings.Quota("rds:storageGiB"); most > 0 && here.storage()+int(i.AllocatedStorage) > most {
		return refuse("StorageQuotaExceeded", "The request cannot be processed because it would exceed the maximum allowed storage.")
	}
	if err := s.place(here, &i.description, in.placementInput); err != nil {
		return err
	}
	if err := i.applyBackup(in.backupInput, true); err != nil {
		return err
	}
	return s.applyFeatures(i, in.featuresInput)
}

// free says whether another instance of that name may be made.
func (s *Service) free(here *region, id string) error {
	if _, exists := here.instances.Get(id); exists {
		return refuse("DBInstanceAlreadyExists", "DB instance already exists")
	}
	if s.cloud.Settings.Exceeds("rds:instances", here.instances.Len()+1) {
		return refuse("InstanceQuotaExceeded", "Instance quota exceeded: you have reached your limit of DB instances in this region.")
	}
	return nil
}

func (r *region) storage() int {
	sum := 0
	for _, i := range r.instances.All() {
		sum += int(i.AllocatedStorage)
	}
	return sum
}

// launch gives the instance its database and lets it come into being.
func (s *Service) launch(r *query.Request, here *region, i *instance, spec database.Spec, port *int32) (*instanceResult, error) {
	i.DbiResourceID = "db-" + rand.Text()
	i.DBInstanceArn = arn(here.scope, "db", i.DBInstanceIdentifier)
	spec.ID, spec.Port = i.DbiResourceID, orElse(port, 0)
	at, err := s.databases.Add(spec)
	if err != nil {
		return nil, refuse("InsufficientDBInstanceCapacity", "The local cloud cannot run another database: %v", err)
	}
	i.at, i.hidden = at, i.DBInstanceArn
	here.instances.Put(i.DBInstanceIdentifier, i)
	s.cloud.HideNew(i.hidden, r.Effect)
	s.record(r, kindInstance, i.DBInstanceIdentifier, local.Created)
	created := s.lasts(local.Create, creating, func() { i.appear(s.cloud.Clock.Now()) })
	steps := []step{created}
	if i.BackupRetentionPeriod > 0 {
		steps = append(steps, s.after(created, local.Backup, backingUp))
	}
	s.begin(here, i, steps...)
	return &instanceResult{i.view(s.cloud.Clock.Now())}, nil
}

// appear gives the instance what it has only once it exists.
func (i *instance) appear(now time.Time) {
	i.InstanceCreateTime = &now
	i.Endpoint = &endpoint{Address: i.at.Address, Port: i.at.Port, HostedZoneID: "Z2LOCALRDSZONE"}
}

func (i *instance) encrypt(scope query.Scope, in *createInput) error {
	i.StorageEncrypted = orElse(in.StorageEncrypted, false) || in.KmsKeyID != ""
	if in.StorageEncrypted != nil && !*in.StorageEncrypted && in.KmsKeyID != "" {
		return invalidCombination("KmsKeyId can only be specified for encrypted storage.")
	}
	if !i.StorageEncrypted {
		return nil
	}
	prefix := "arn:aws:kms:" + scope.Region + ":"
	key := orString(in.KmsKeyID, prefix+scope.Account+":key/00000000-0000-0000-0000-000000000000")
	switch {
	case strings.HasPrefix(key, "arn:") && !strings.HasPrefix(key, prefix):
		return refuse("KMSKeyNotAccessibleFault", "The specified KMS key [%s] does not exist, is not enabled or you do not have permissions to access it.", key)
	case !strings.HasPrefix(key, "arn:"):
		key = prefix + scope.Account + ":key/" + key
	}
	i.KmsKeyID = &key
	return nil
}
