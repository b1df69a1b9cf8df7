// SPDX-License-Identifier: Apache-2.0

// Package managed reconciles managed resources with their cloud: one reconciler
// for every kind of every cloud. A kind says how its cloud resource is looked
// at, judged, made, changed and deleted; when that is done, in which order, what
// is recorded before, and what people are told about it is decided here.
package managed

import (
	"context"
	"slices"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// Resource is a managed resource. A kind embeds the contract in its spec and
// status and hands out pointers to both: no other accessor is needed.
type Resource interface {
	client.Object
	Managed() (*v1alpha1.ManagedSpec, *v1alpha1.ManagedStatus)
}

// External is all that a kind has to say about its cloud resource. Obs is the
// cloud's own description of it, for example an rds DBInstance.
//
// Observe only reads, Assess only computes, and the other three only start
// work: none of them waits, retries, logs, sets conditions or emits events.
// Errors are returned as the SDK gave them, wrapped if need be: Kind.Classify
// judges them. mr is the reconciler's own copy, with references resolved; only
// Assess may write to it, and only status.atProvider.
type External[MR Resource, Obs any] interface {
	// Observe returns the cloud resource of mr, or nil if there is certainly
	// none. It looks by external name (ExternalName(mr)) or, where the cloud
	// assigns names and none is known yet, by the tags in id.
	Observe(ctx context.Context, mr MR, id Identity) (*Obs, error)

	// Assess compares obs with the spec and copies what users want to see into
	// mr's status.atProvider. It does no I/O, so it is tested without a cloud.
	Assess(mr MR, obs *Obs) Assessment

	// Create asks for the resource. All that a retry needs is in in, and was
	// persisted before: the same call again, after a crash or a lost response,
	// must not make a second resource. It returns what the cloud described, or
	// nil where it described nothing. Where the name is taken the error's class
	// is Exists.
	Create(ctx context.Context, mr MR, in Intent) (*Obs, error)

	// Update changes what Assess reported under Drift, and nothing else.
	Update(ctx context.Context, mr MR, obs *Obs) error

	// Delete asks for deletion. Absence is proven by Observe, not by Delete; an
	// error of class Gone counts as success.
	Delete(ctx context.Context, mr MR, obs *Obs) error
}

// Adopter is implemented by an External whose cloud resource can be tagged
// after it was made. Kinds without it can be observed, but not adopted.
type Adopter[MR Resource, Obs any] interface {
	// Adopt adds tags to the resource, in the place of others of the same names: another control
	// plane may have set them.
	Adopt(ctx context.Context, mr MR, obs *Obs, tags map[string]string) error
}

// PasswordSetter is implemented by an External whose kind has Password set.
type PasswordSetter[MR Resource, Obs any] interface {
	// SetPassword asks the cloud to use password from now on. It may be called
	// again with the same password.
	SetPassword(ctx context.Context, mr MR, obs *Obs, password string) error
}

// Issuer is implemented by an External whose resource is used with credentials
// that are good for some time only: tokens, or a kubeconfig that holds one. They
// are renewed when half of that time is over, whatever else is the matter. Such
// a kind has no Password.
type Issuer[MR Resource] interface {
	// Issue returns new credentials for mr's resource, whose connection details
	// are these, at the time now. Those that were issued before stay good until
	// they expire: clients still have them.
	Issue(ctx context.Context, mr MR, connection map[string]string, now time.Time) (Issued, error)
}

// Issued are credentials that are good for some time.
type Issued struct {
	// Secret are the connection details that are secret, by their key.
	Secret map[string][]byte
	// Expires is when they end; it is added to Secret as expires-at.
	Expires time.Time
}

// Identity is under what identity mr's cloud resource is owned.
type Identity struct {
	Hub   string // identity of this control plane
	Owner string // owner id of the object
	Name  string // the object's name, for people
	// FormerHubs are the control planes that this one is the successor of.
	FormerHubs []string
}

// Hubs returns the control planes under whose names what is to be found may be: this one's first.
func (i Identity) Hubs() []string { return append([]string{i.Hub}, i.FormerHubs...) }

// Tags returns the tags that every cloud resource made by us carries.
func (i Identity) Tags() map[string]string {
	return map[string]string{v1alpha1.TagHub: i.Hub, v1alpha1.TagOwner: i.Owner, v1alpha1.TagName: i.Name}
}

// Owner says whose a cloud resource is.
type Owner string

// The owners.
const (
	Ours      Owner = "Ours"      // made or adopted by this object
	Inherited Owner = "Inherited" // this object's, in a control plane that this one is the successor of
	Nobodys   Owner = "Nobodys"   // carries no owner tag
	Foreign   Owner = "Foreign"   // belongs to another object or another control plane
)

// OwnerOf judges by a cloud resource's tags whose it is.
func (i Identity) OwnerOf(tags map[string]string) Owner {
	hub, owner := tags[v1alpha1.TagHub], tags[v1alpha1.TagOwner]
	switch {
	case hub == "" && owner == "":
		return Nobodys
	case hub == i.Hub && owner == i.Owner && owner != "":
		return Ours
	case owner == i.Owner && owner != "" && slices.Contains(i.FormerHubs, hub):
		return Inherited
	default:
		return Foreign
	}
}

// State is the life-cycle state of a cloud resource.
type State string

// The states that a kind maps its cloud's own states to. A state that the kind
// does not know is Unknown, never Failed.
const (
	Creating    State = "Creating"    // being made; not usable yet
	Available   State = "Available"   // usable, even if a change is under way
	Unavailable State = "Unavailable" // not usable just now, the cloud is at work on it
	Stopped     State = "Stopped"     // not usable until somebody starts it
	Failed      State = "Failed"      // not usable; the cloud will not repair it
	Deleting    State = "Deleting"    // being deleted
	Unknown     State = "Unknown"     // not known to this version: progressing
)

// Assessment is what a kind concludes from an observation.
type Assessment struct {
	// Name is the cloud's name of the resource: the external name.
	Name string
	// Tags of the cloud resource; ownership is judged by them. A resource that
	// cannot carry tags gives those of the parent that it is part of.
	Tags map[string]string
	// State is the life-cycle state, Message the cloud's own word for it.
	State   State
	Message string
	// Busy: the cloud refuses changes just now, or has not finished one.
	Busy bool
	// Drift lists fields of spec.forProvider that differ and can be changed.
	Drift []string
	// Fixed lists fields of spec.forProvider that differ and can't be changed,
	// each with why, for example "engine (mysql → postgres)".
	Fixed []string
	// Protected says why the resource can't be deleted as the spec stands; empty
	// if it can.
	Protected string
	// Connection holds connection details that are not secret (see
	// ManagedStatus.Connection), once they are known.
	Connection map[string]string
	// PasswordPending: the cloud has accepted a password and not applied it yet.
	PasswordPending bool
	// PasswordFailed is why the cloud could not apply the password that it had
	// accepted last, in its own words; empty if it could, or has not ended yet.
	PasswordFailed string
	// Location, Offers, Reach and Network go to the status as they are.
	Location *v1alpha1.Location
	Offers   *v1alpha1.Offer
	Reach    v1alpha1.Reach
	Network  *v1alpha1.Network
}

// Intent is what is on record before the cloud is asked to create anything. It
// is the same for every retry of one creation, so no crash can lose or double
// a resource.
type Intent struct {
	Name     string            // external name to use, where the cloud lets us choose
	Token    string            // idempotency token, at most 64 letters, digits and hyphens
	Tags     map[string]string // ownership tags, to be set in the create call itself
	Password string            // password to set, for kinds that have Password
}

// Naming says how a kind's cloud resources get their names.
type Naming string

// The ways of naming.
const (
	// Chosen: we choose the name; creating twice under it fails with class Exists.
	Chosen Naming = "Chosen"
	// Assigned: the cloud assigns it. Create carries an idempotency token or
	// Observe finds the resource by its tags; the create call is marked on the
	// object until its outcome is known.
	Assigned Naming = "Assigned"
)

// Password describes the passwords of a kind.
type Password[MR Resource] struct {
	// Length in characters, 8 at least; they are letters, large and small, and
	// digits.
	Length int
	// AfterCreate reports that mr's create call can't carry the password, for
	// example a restore from a snapshot: it is set once the resource is
	// available. Nil: create calls always carry it.
	AfterCreate func(mr MR) bool
}

// Kind binds a managed resource type to its cloud.
type Kind[MR Resource, Obs any] struct {
	// New returns an empty object of the type.
	New func() MR

	// Connect returns a client for the account that mr's provider names. Errors
	// are fault.Errors with a reason of their own (ProviderNotFound,
	// CredentialsMissing, ...), or the SDK's.
	Connect func(ctx context.Context, mr MR) (External[MR, Obs], error)

	// Classify turns an error of the SDK into a *fault.Error (or wraps one). It
	// is the provider's one file of vendor error codes.
	Classify func(error) error

	// Naming of the cloud resources, and for Chosen the name: from the object's
	// name and its owner id, within what the cloud allows. Default: ChosenName.
	Naming Naming
	Name   func(mr MR, ownerID string) string

	// ValidName says why the cloud can't have a resource of this name; it guards
	// external names that people write. Optional.
	ValidName func(name string) error

	// Password is set for kinds with a password that we choose.
	Password *Password[MR]

	// HoldsData is set for kinds whose cloud resource holds what nobody can make
	// again. One that was ready and has vanished is reported, never replaced by
	// an empty one.
	HoldsData bool

	// Provider returns an empty object of the operator's Provider kind. A change
	// of a Provider wakes the resources that refer to it.
	Provider func() client.Object

	// References to other managed resources whose names the cloud wants.
	References []ReferenceField[MR]

	// Poll is how often a resource at rest is looked at. Settle is how long the
	// cloud may take to show what it agreed to. Defaults: 10 and 1 minutes.
	Poll, Settle time.Duration
}
