// SPDX-License-Identifier: Apache-2.0

package flexible

import (
	"context"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	sdk "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/mysql/armmysqlflexibleservers/v2"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/azure-operator/api/database/v1alpha1"
	azureapi "github.com/crossplaneio/crossplane/azure-operator/api/v1alpha1"
	"github.com/crossplaneio/crossplane/azure-operator/internal/account"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// +kubebuilder:rbac:groups=database.azure.crossplane.io,resources=mysqlservers,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=database.azure.crossplane.io,resources=mysqlservers/status,verbs=patch
// +kubebuilder:rbac:groups=database.azure.crossplane.io,resources=mysqlservers/finalizers,verbs=update

// MySQL returns the kind MySQLServer. A server's name is ours to choose, so
// creating it twice is harmless.
func MySQL(accounts Accounts) managed.Kind[*v1alpha1.MySQLServer, Server] {
	return kind(managed.Kind[*v1alpha1.MySQLServer, Server]{
		New:      func() *v1alpha1.MySQLServer { return &v1alpha1.MySQLServer{} },
		Provider: func() client.Object { return &azureapi.Provider{} },
		Connect: func(ctx context.Context, mr *v1alpha1.MySQLServer) (managed.External[*v1alpha1.MySQLServer, Server], error) {
			a, err := accounts.Connect(ctx, mr.Spec.ProviderRef.Name)
			if err != nil {
				return nil, err
			}
			api, err := account.Client(a, newMySQL)
			return server[*v1alpha1.MySQLServer]{api: api, engine: mysqlEngine(), subscription: a.Subscription(), trust: a.Trust()}, err
		},
	})
}

func mysqlEngine() engine[*v1alpha1.MySQLServer] {
	return engine[*v1alpha1.MySQLServer]{
		claim: "MySQLInstance", provider: "Microsoft.DBforMySQL", typ: "mysql",
		spec: func(mr *v1alpha1.MySQLServer) Spec {
			p := mr.Spec.ForProvider
			return Spec{ServerParameters: p.ServerParameters, Version: p.Version, StorageGiB: p.StorageGiB, IOPS: p.IOPS, RetentionDays: p.BackupRetentionDays}
		},
	}
}

// mysqlPort is the port of a server that does not say another.
const mysqlPort = 3306

// mysql is API for MySQL.
type mysql struct {
	servers   *sdk.ServersClient
	databases *sdk.DatabasesClient
	rules     *sdk.FirewallRulesClient
}

func newMySQL(subscription string, c azcore.TokenCredential, o *arm.ClientOptions) (mysql, error) {
	f, err := sdk.NewClientFactory(subscription, c, o)
	if err != nil {
		return mysql{}, err //nolint:wrapcheck // account.Client says what was done
	}
	return mysql{f.NewServersClient(), f.NewDatabasesClient(), f.NewFirewallRulesClient()}, nil
}

// Get implements API.
func (m mysql) Get(ctx context.Context, group, name string) (*Server, error) {
	out, err := m.servers.Get(ctx, group, name, nil)
	if err != nil {
		return nil, err //nolint:wrapcheck // as API wants it
	}
	return mysqlServer(out.Server), nil
}

func mysqlServer(s sdk.Server) *Server {
	p := orNew(s.Properties)
	storage, backup, ha, network := orNew(p.Storage), orNew(p.Backup), orNew(p.HighAvailability), orNew(p.Network)
	out := &Server{
		ID: value(s.ID), Name: value(s.Name), Location: value(s.Location), State: string(value(p.State)),
		Host: value(p.FullyQualifiedDomainName), Port: mysqlPort, Login: value(p.AdministratorLogin),
		Version: string(value(p.Version)), FullVersion: value(p.FullVersion),
		StorageGiB: storage.StorageSizeGB, IOPS: storage.Iops, AutoGrow: enabled(storage.AutoGrow, sdk.EnableStatusEnumEnabled),
		HAMode: string(value(ha.Mode)), StandbyZone: value(ha.StandbyAvailabilityZone), Zone: value(p.AvailabilityZone),
		RetentionDays: backup.BackupRetentionDays, GeoRedundant: enabled(backup.GeoRedundantBackup, sdk.EnableStatusEnumEnabled),
		Subnet: value(network.DelegatedSubnetResourceID), DNSZone: value(network.PrivateDNSZoneResourceID),
		Public: enabled(network.PublicNetworkAccess, sdk.EnableStatusEnumEnabled), Tags: tagMap(s.Tags),
	}
	if s.SKU != nil {
		out.SKU, out.Tier = value(s.SKU.Name), string(value(s.SKU.Tier))
	}
	if p.DatabasePort != nil {
		out.Port = *p.DatabasePort
	}
	if out.FullVersion == "" {
		out.FullVersion = out.Version
	}
	if w := p.MaintenanceWindow; w != nil && value(w.CustomWindow) == windowEnabled {
		out.Window = &v1alpha1.MaintenanceWindow{DayOfWeek: value(w.DayOfWeek), StartHour: value(w.StartHour), StartMinute: value(w.StartMinute)}
	}
	return out
}

// Create implements API.
func (m mysql) Create(ctx context.Context, group, name string, of Spec) error {
	p := &sdk.ServerProperties{
		AvailabilityZone: text(of.Zone), Version: word[sdk.ServerVersion](of.Version), Storage: mysqlStorage(of.StorageGiB, of.StorageAutoGrow, of.IOPS),
		HighAvailability: mysqlHA(of.HighAvailability), Network: mysqlNetwork(of),
		Backup: &sdk.Backup{BackupRetentionDays: of.RetentionDays, GeoRedundantBackup: status[sdk.EnableStatusEnum](of.GeoRedundantBackup)},
	}
	if from := of.Restore; from != nil {
		p.CreateMode, p.SourceServerResourceID, p.RestorePointInTime = new(sdk.CreateModePointInTimeRestore), &from.Source, &from.At
	} else {
		p.CreateMode, p.AdministratorLogin, p.AdministratorLoginPassword = new(sdk.CreateModeDefault), &of.Login, &of.Password
	}
	_, err := m.servers.BeginCreate(ctx, group, name, sdk.Server{
		Location: &of.Location, SKU: mysqlSKU(&of.SKU), Tags: tagPointers(of.AllTags), Properties: p,
	}, nil)
	return err //nolint:wrapcheck // as API wants it
}

// Change implements API.
func (m mysql) Change(ctx context.Context, group, name string, c Change) error {
	p := &sdk.ServerPropertiesForUpdate{
		AdministratorLoginPassword: c.Password, Version: (*sdk.ServerVersion)(c.Version), HighAvailability: mysqlHA(c.HA),
		Storage: mysqlStorage(c.StorageGiB, c.AutoGrow, c.IOPS),
	}
	if c.RetentionDays != nil {
		p.Backup = &sdk.Backup{BackupRetentionDays: c.RetentionDays}
	}
	if c.Public != nil {
		p.Network = &sdk.Network{PublicNetworkAccess: status[sdk.EnableStatusEnum](c.Public)}
	}
	if w := c.Window; w != nil {
		p.MaintenanceWindow = &sdk.MaintenanceWindow{CustomWindow: new(windowEnabled), DayOfWeek: &w.DayOfWeek, StartHour: &w.StartHour, StartMinute: &w.StartMinute}
	}
	_, err := m.servers.BeginUpdate(ctx, group, name, sdk.ServerForUpdate{SKU: mysqlSKU(c.SKU), Tags: tagPointers(c.Tags), Properties: p}, nil)
	return err //nolint:wrapcheck // as API wants it
}

func mysqlSKU(s *v1alpha1.ServerSKU) *sdk.MySQLServerSKU {
	if s == nil {
		return nil
	}
	return &sdk.MySQLServerSKU{Name: &s.Name, Tier: word[sdk.ServerSKUTier](s.Tier)}
}

func mysqlStorage(size *int32, grow *bool, iops *int32) *sdk.Storage {
	if size == nil && grow == nil && iops == nil {
		return nil
	}
	return &sdk.Storage{StorageSizeGB: size, AutoGrow: status[sdk.EnableStatusEnum](grow), Iops: iops}
}

func mysqlHA(ha *v1alpha1.HighAvailability) *sdk.HighAvailability {
	if ha == nil {
		return nil
	}
	return &sdk.HighAvailability{Mode: word[sdk.HighAvailabilityMode](ha.Mode), StandbyAvailabilityZone: text(ha.StandbyZone)}
}

func mysqlNetwork(of Spec) *sdk.Network {
	if of.DelegatedSubnetID == "" && of.PublicNetworkAccess == nil {
		return nil
	}
	return &sdk.Network{
		DelegatedSubnetResourceID: text(of.DelegatedSubnetID), PrivateDNSZoneResourceID: text(of.PrivateDNSZoneID),
		PublicNetworkAccess: status[sdk.EnableStatusEnum](of.PublicNetworkAccess),
	}
}

// Delete implements API.
func (m mysql) Delete(ctx context.Context, group, name string) error {
	_, err := m.servers.BeginDelete(ctx, group, name, nil)
	return err //nolint:wrapcheck // as API wants it
}

// Databases implements API.
func (m mysql) Databases(ctx context.Context, group, name string) ([]string, error) {
	var names []string
	for pager := m.databases.NewListByServerPager(group, name, nil); pager.More(); {
		page, err := pager.NextPage(ctx)
		if err != nil {
			return nil, err //nolint:wrapcheck // as API wants it
		}
		for _, db := range page.Value {
			names = append(names, value(db.Name))
		}
	}
	return names, nil
}

// AddDatabase implements API.
func (m mysql) AddDatabase(ctx context.Context, group, name string, db v1alpha1.Database) error {
	_, err := m.databases.BeginCreateOrUpdate(ctx, group, name, db.Name, sdk.Database{
		Properties: &sdk.DatabaseProperties{Charset: text(db.Charset), Collation: text(db.Collation)},
	}, nil)
	return err //nolint:wrapcheck // as API wants it
}
