// SPDX-License-Identifier: Apache-2.0

package flexible

import (
	"context"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	sdk "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/postgresql/armpostgresqlflexibleservers/v5"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/azure-operator/api/database/v1alpha1"
	azureapi "github.com/crossplaneio/crossplane/azure-operator/api/v1alpha1"
	"github.com/crossplaneio/crossplane/azure-operator/internal/account"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// +kubebuilder:rbac:groups=database.azure.crossplane.io,resources=postgresqlservers,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=database.azure.crossplane.io,resources=postgresqlservers/status,verbs=patch
// +kubebuilder:rbac:groups=database.azure.crossplane.io,resources=postgresqlservers/finalizers,verbs=update

// PostgreSQL returns the kind PostgreSQLServer. A server's name is ours to choose, so
// creating it twice is harmless.
func PostgreSQL(accounts Accounts) managed.Kind[*v1alpha1.PostgreSQLServer, Server] {
	return kind(managed.Kind[*v1alpha1.PostgreSQLServer, Server]{
		New:      func() *v1alpha1.PostgreSQLServer { return &v1alpha1.PostgreSQLServer{} },
		Provider: func() client.Object { return &azureapi.Provider{} },
		Connect: func(ctx context.Context, mr *v1alpha1.PostgreSQLServer) (managed.External[*v1alpha1.PostgreSQLServer, Server], error) {
			a, err := accounts.Connect(ctx, mr.Spec.ProviderRef.Name)
			if err != nil {
				return nil, err
			}
			api, err := account.Client(a, newPostgres)
			return server[*v1alpha1.PostgreSQLServer]{api: api, engine: postgresEngine(), subscription: a.Subscription(), trust: a.Trust()}, err
		},
	})
}

func postgresEngine() engine[*v1alpha1.PostgreSQLServer] {
	return engine[*v1alpha1.PostgreSQLServer]{
		claim: "PostgreSQLInstance", provider: "Microsoft.DBforPostgreSQL", typ: "postgresql", database: "postgres",
		spec: func(mr *v1alpha1.PostgreSQLServer) Spec {
			p := mr.Spec.ForProvider
			return Spec{ServerParameters: p.ServerParameters, Version: p.Version, StorageGiB: p.StorageGiB, RetentionDays: p.BackupRetentionDays}
		},
	}
}

// postgresPort is the port of every server: the API has no other.
const postgresPort = 5432

// postgres is API for PostgreSQL.
type postgres struct {
	servers   *sdk.ServersClient
	databases *sdk.DatabasesClient
	rules     *sdk.FirewallRulesClient
}

func newPostgres(subscription string, c azcore.TokenCredential, o *arm.ClientOptions) (postgres, error) {
	f, err := sdk.NewClientFactory(subscription, c, o)
	if err != nil {
		return postgres{}, err //nolint:wrapcheck // account.Client says what was done
	}
	return postgres{f.NewServersClient(), f.NewDatabasesClient(), f.NewFirewallRulesClient()}, nil
}

// Get implements API.
func (c postgres) Get(ctx context.Context, group, name string) (*Server, error) {
	out, err := c.servers.Get(ctx, group, name, nil)
	if err != nil {
		return nil, err //nolint:wrapcheck // as API wants it
	}
	return postgresServer(out.Server), nil
}

func postgresServer(s sdk.Server) *Server {
	p := orNew(s.Properties)
	storage, backup, ha, network := orNew(p.Storage), orNew(p.Backup), orNew(p.HighAvailability), orNew(p.Network)
	out := &Server{
		ID: value(s.ID), Name: value(s.Name), Location: value(s.Location), State: string(value(p.State)),
		Host: value(p.FullyQualifiedDomainName), Port: postgresPort, Login: value(p.AdministratorLogin),
		Version: string(value(p.Version)), FullVersion: string(value(p.Version)),
		StorageGiB: storage.StorageSizeGB, AutoGrow: enabled(storage.AutoGrow, sdk.StorageAutoGrowEnabled),
		HAMode: string(value(ha.Mode)), StandbyZone: value(ha.StandbyAvailabilityZone), Zone: value(p.AvailabilityZone),
		RetentionDays: backup.BackupRetentionDays, GeoRedundant: enabled(backup.GeoRedundantBackup, sdk.GeographicallyRedundantBackupEnabled),
		Subnet: value(network.DelegatedSubnetResourceID), DNSZone: value(network.PrivateDNSZoneArmResourceID),
		Public: enabled(network.PublicNetworkAccess, sdk.ServerPublicNetworkAccessStateEnabled), Tags: tagMap(s.Tags),
	}
	if s.SKU != nil {
		out.SKU, out.Tier = value(s.SKU.Name), string(value(s.SKU.Tier))
	}
	if minor := value(p.MinorVersion); minor != "" {
		out.FullVersion += "." + minor
	}
	if w := p.MaintenanceWindow; w != nil && value(w.CustomWindow) == windowEnabled {
		out.Window = &v1alpha1.MaintenanceWindow{DayOfWeek: value(w.DayOfWeek), StartHour: value(w.StartHour), StartMinute: value(w.StartMinute)}
	}
	return out
}

// Create implements API.
func (c postgres) Create(ctx context.Context, group, name string, of Spec) error {
	p := &sdk.ServerProperties{
		AvailabilityZone: text(of.Zone), Version: word[sdk.PostgresMajorVersion](of.Version), Storage: postgresStorage(of.StorageGiB, of.StorageAutoGrow),
		HighAvailability: postgresHA(of.HighAvailability), Network: postgresNetwork(of),
		Backup: &sdk.Backup{BackupRetentionDays: of.RetentionDays, GeoRedundantBackup: status[sdk.GeographicallyRedundantBackup](of.GeoRedundantBackup)},
	}
	switch from := of.Restore; {
	case from != nil && from.Deleted:
		p.CreateMode, p.SourceServerResourceID, p.PointInTimeUTC = new(sdk.CreateModeReviveDropped), &from.Source, &from.At
	case from != nil:
		p.CreateMode, p.SourceServerResourceID, p.PointInTimeUTC = new(sdk.CreateModePointInTimeRestore), &from.Source, &from.At
	default:
		p.CreateMode, p.AdministratorLogin, p.AdministratorLoginPassword = new(sdk.CreateModeDefault), &of.Login, &of.Password
	}
	_, err := c.servers.BeginCreateOrUpdate(ctx, group, name, sdk.Server{
		Location: &of.Location, SKU: &sdk.SKU{Name: &of.SKU.Name, Tier: word[sdk.SKUTier](of.SKU.Tier)}, Tags: tagPointers(of.AllTags), Properties: p,
	}, nil)
	return err //nolint:wrapcheck // as API wants it
}

// Change implements API.
func (c postgres) Change(ctx context.Context, group, name string, change Change) error {
	p := &sdk.ServerPropertiesForPatch{
		AdministratorLoginPassword: change.Password, Version: (*sdk.PostgresMajorVersion)(change.Version), HighAvailability: (*sdk.HighAvailabilityForPatch)(postgresHA(change.HA)),
		Storage: postgresStorage(change.StorageGiB, change.AutoGrow),
	}
	if change.RetentionDays != nil {
		p.Backup = &sdk.BackupForPatch{BackupRetentionDays: change.RetentionDays}
	}
	if change.Public != nil {
		p.Network = &sdk.Network{PublicNetworkAccess: status[sdk.ServerPublicNetworkAccessState](change.Public)}
	}
	if w := change.Window; w != nil {
		p.MaintenanceWindow = &sdk.MaintenanceWindowForPatch{CustomWindow: new(windowEnabled), DayOfWeek: &w.DayOfWeek, StartHour: &w.StartHour, StartMinute: &w.StartMinute}
	}
	_, err := c.servers.BeginUpdate(ctx, group, name, sdk.ServerForPatch{SKU: postgresSKUPatch(change.SKU), Tags: tagPointers(change.Tags), Properties: p}, nil)
	return err //nolint:wrapcheck // as API wants it
}

func postgresSKUPatch(s *v1alpha1.ServerSKU) *sdk.SKUForPatch {
	if s == nil {
		return nil
	}
	return &sdk.SKUForPatch{Name: &s.Name, Tier: word[sdk.SKUTier](s.Tier)}
}

func postgresStorage(size *int32, grow *bool) *sdk.Storage {
	if size == nil && grow == nil {
		return nil
	}
	return &sdk.Storage{StorageSizeGB: size, AutoGrow: status[sdk.StorageAutoGrow](grow)}
}

func postgresHA(ha *v1alpha1.HighAvailability) *sdk.HighAvailability {
	if ha == nil {
		return nil
	}
	return &sdk.HighAvailability{Mode: word[sdk.HighAvailabilityMode](ha.Mode), StandbyAvailabilityZone: text(ha.StandbyZone)}
}

func postgresNetwork(of Spec) *sdk.Network {
	if of.DelegatedSubnetID == "" && of.PublicNetworkAccess == nil {
		return nil
	}
	return &sdk.Network{
		DelegatedSubnetResourceID: text(of.DelegatedSubnetID), PrivateDNSZoneArmResourceID: text(of.PrivateDNSZoneID),
		PublicNetworkAccess: status[sdk.ServerPublicNetworkAccessState](of.PublicNetworkAccess),
	}
}

// Delete implements API.
func (c postgres) Delete(ctx context.Context, group, name string) error {
	_, err := c.servers.BeginDelete(ctx, group, name, nil)
	return err //nolint:wrapcheck // as API wants it
}

// Databases implements API.
func (c postgres) Databases(ctx context.Context, group, name string) ([]string, error) {
	var names []string
	for pager := c.databases.NewListByServerPager(group, name, nil); pager.More(); {
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
func (c postgres) AddDatabase(ctx context.Context, group, name string, db v1alpha1.Database) error {
	_, err := c.databases.BeginCreate(ctx, group, name, db.Name, sdk.Database{
		Properties: &sdk.DatabaseProperties{Charset: text(db.Charset), Collation: text(db.Collation)},
	}, nil)
	return err //nolint:wrapcheck // as API wants it
}
