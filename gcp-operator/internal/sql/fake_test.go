// SPDX-License-Identifier: Apache-2.0

package sql

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
	"sync"
	"time"

	"google.golang.org/api/googleapi"
	"google.golang.org/api/sqladmin/v1"

	"github.com/crossplaneio/crossplane/gcp-operator/internal/account"
)

// fakeSQL is a Cloud SQL that keeps state and takes time for what it is asked
// until Settle. Everything goes through it as JSON, as on the wire: what is not
// sent is not there.
type fakeSQL struct {
	mu        sync.Mutex
	instances map[string]*fakeInstance
	reads     int
	mutations int
	deleted   map[string]*lastBackup
	failNext  *sqladmin.OperationError // of the next operation
	now       time.Time
}

type fakeInstance struct {
	sqladmin.DatabaseInstance

	password   string
	databases  map[string]bool
	operations []*sqladmin.Operation // the last first
	finish     func()                // what the running operation brings about
}

func newFakeSQL() *fakeSQL {
	return &fakeSQL{instances: map[string]*fakeInstance{}, deleted: map[string]*lastBackup{}, now: time.Now()}
}

func refuse(status int, reason string) error {
	return &account.CallError{Operation: "test", Err: &googleapi.Error{Code: status, Message: reason, Errors: []googleapi.ErrorItem{{Reason: reason}}}}
}

func (f *fakeSQL) find(name string) (*fakeInstance, error) {
	if i, ok := f.instances[name]; ok {
		return i, nil
	}
	return nil, refuse(http.StatusNotFound, "instanceDoesNotExist")
}

// idle returns an instance that has nothing to do.
func (f *fakeSQL) idle(name string) (*fakeInstance, error) {
	i, err := f.find(name)
	if err == nil && i.finish != nil {
		err = refuse(http.StatusConflict, "operationInProgress")
	}
	return i, err
}

// begin lets the instance work until Settle.
func (f *fakeSQL) begin(i *fakeInstance, typ string, finish func()) {
	f.mutations++
	op := &sqladmin.Operation{Name: strconv.Itoa(f.mutations), OperationType: typ, Status: "RUNNING"}
	i.operations = append([]*sqladmin.Operation{op}, i.operations...)
	fails := f.failNext
	f.failNext = nil
	i.finish = func() {
		op.Status, op.EndTime = opDone, f.now.UTC().Format(time.RFC3339)
		switch {
		case fails == nil:
			finish()
		case typ == opCreate:
			i.State = stateFailed
			fallthrough
		default:
			op.Error = &sqladmin.OperationErrors{Errors: []*sqladmin.OperationError{fails}}
		}
	}
}

// Settle ends everything that is under way.
func (f *fakeSQL) Settle() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, i := range maps.Clone(f.instances) {
		if finish := i.finish; finish != nil {
			i.finish = nil
			finish()
		}
	}
}

func (f *fakeSQL) Instance(_ context.Context, name string) (*sqladmin.DatabaseInstance, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	i, err := f.find(name)
	if err != nil {
		return nil, err
	}
	return copied(&i.DatabaseInstance), nil
}

func (f *fakeSQL) Insert(_ context.Context, in *sqladmin.DatabaseInstance) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.make(copied(in), nil)
}

func (f *fakeSQL) make(in *sqladmin.DatabaseInstance, databases map[string]bool) error {
	if _, there := f.instances[in.Name]; there {
		return refuse(http.StatusConflict, "instanceAlreadyExists")
	}
	i := &fakeInstance{DatabaseInstance: *in, password: in.RootPassword, databases: databases}
	if i.databases == nil {
		i.databases = map[string]bool{}
	}
	i.RootPassword, i.State = "", stateCreating
	i.Settings.SettingsVersion = 1
	if i.Settings.DataDiskSizeGb == 0 {
		i.Settings.DataDiskSizeGb = 10
	}
	i.Settings.StorageAutoResize = new(true)
	i.ServerCaCert = &sqladmin.SslCert{Cert: "PEM"}
	f.instances[in.Name] = i
	f.begin(i, opCreate, func() {
		i.State = stateRunnable
		i.IpAddresses = []*sqladmin.IpMapping{{Type: "PRIMARY", IpAddress: "203.0.113.7"}}
	})
	return nil
}

func (f *fakeSQL) Restore(_ context.Context, name string, r *sqladmin.InstancesRestoreBackupRequest) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	in := copied(r.RestoreInstanceSettings)
	in.Name, in.RootPassword = name, "of the backup"
	return f.make(in, map[string]bool{"orders": true})
}

func (f *fakeSQL) Patch(_ context.Context, name string, patch *sqladmin.DatabaseInstance) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	i, err := f.idle(name)
	if err != nil {
		return err
	}
	if patch.Settings.SettingsVersion != i.Settings.SettingsVersion {
		return refuse(http.StatusPreconditionFailed, "staleData")
	}
	sent, next := wire(patch), copied(&i.DatabaseInstance)
	if err := json.Unmarshal(sent, next); err != nil { // into what is there: fields that are not sent stay
		return err
	}
	f.begin(i, opUpdate, func() {
		i.DatabaseInstance = *next
		i.Settings.SettingsVersion++
	})
	return nil
}

func (f *fakeSQL) Delete(_ context.Context, name string, last *lastBackup) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	i, err := f.idle(name)
	if err != nil {
		return err
	}
	if i.Settings.DeletionProtectionEnabled {
		return refuse(http.StatusBadRequest, "invalid")
	}
	i.State, f.deleted[name] = stateDeleting, last
	f.begin(i, "DELETE", func() { delete(f.instances, name) })
	return nil
}

func (f *fakeSQL) HasDatabase(_ context.Context, instance, name string) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	i, err := f.find(instance)
	return err == nil && i.databases[name], err
}

func (f *fakeSQL) InsertDatabase(_ context.Context, instance, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	i, err := f.idle(instance)
	if err != nil {
		return err
	}
	f.begin(i, opCreateDatabase, func() { i.databases[name] = true })
	return nil
}

func (f *fakeSQL) SetPassword(_ context.Context, instance string, u user, password string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	i, err := f.idle(instance)
	if err != nil {
		return err
	}
	if u != (user{name: "root", host: "%"}) {
		return refuse(http.StatusNotFound, "userDoesNotExist")
	}
	f.begin(i, opUpdateUser, func() { i.password = password })
	return nil
}

func (f *fakeSQL) Operations(_ context.Context, instance string) ([]*sqladmin.Operation, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	i, err := f.find(instance)
	if err != nil {
		return nil, err
	}
	return i.operations, nil
}

// wire returns what is sent of an instance.
func wire(in *sqladmin.DatabaseInstance) []byte {
	text, err := json.Marshal(in)
	if err != nil {
		panic(err)
	}
	return text
}

func copied(in *sqladmin.DatabaseInstance) *sqladmin.DatabaseInstance {
	out := &sqladmin.DatabaseInstance{}
	if err := json.Unmarshal(wire(in), out); err != nil {
		panic(err)
	}
	return out
}
