// SPDX-License-Identifier: Apache-2.0

package flexible

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"

	"github.com/crossplaneio/crossplane/azure-operator/api/database/v1alpha1"
	"github.com/crossplaneio/crossplane/azure-operator/internal/account"
	"github.com/crossplaneio/crossplane/shared/diff"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// defaultLogin is the administrator of a server whose spec names none.
const defaultLogin = "crossplane"

// passwordLength is within the 8 to 128 characters that both services take.
const passwordLength = 32

// settle is how long Azure may take to show, in a server's state, a change that
// it has accepted.
const settle = 30 * time.Second

// Restore says which backup a server is made from.
type Restore struct {
	Source  string // resource id
	At      time.Time
	Deleted bool // the source is there no more
}

// Create implements managed.External. A request to create a server changes the
// one that is there already: the condition that there is none keeps that from
// somebody else's.
func (e server[MR]) Create(ctx context.Context, mr MR, in managed.Intent) (*Server, error) {
	spec := e.engine.spec(mr)
	spec.AllTags = diff.Both(spec.Tags, in.Tags)
	if spec.Login = spec.AdministratorLogin; spec.Login == "" {
		spec.Login = defaultLogin
	}
	spec.Password = in.Password
	if restores(spec.RestoreFrom) {
		from, err := e.source(ctx, mr, spec.RestoreFrom)
		if err != nil {
			return nil, err
		}
		spec.Restore = from
	}
	return nil, e.api.Create(account.OnlyNew(ctx), spec.ResourceGroupName, in.Name, spec)
}

func restores(from *v1alpha1.RestoreSource) bool {
	return from != nil && (from.SourceServerID != "" || from.SourceServerName != "")
}

// source finds out whether the server to restore from still exists: a deleted
// one takes another request.
func (e server[MR]) source(ctx context.Context, mr MR, from *v1alpha1.RestoreSource) (*Restore, error) {
	p, _ := mr.Server()
	source := from.SourceServerID
	if source == "" {
		source = "/subscriptions/" + e.subscription + "/resourceGroups/" + p.ResourceGroupName + "/providers/" + e.engine.provider +
			"/flexibleServers/" + from.SourceServerName
	}
	id, err := arm.ParseResourceID(source)
	if err != nil {
		return nil, fmt.Errorf("reading sourceServerID: %w", err)
	}
	r := &Restore{Source: source, At: mr.GetCreationTimestamp().UTC()}
	if from.RestoreTime != nil {
		r.At = from.RestoreTime.UTC()
	}
	_, err = e.api.Get(ctx, id.ResourceGroupName, id.Name)
	if r.Deleted = account.IsNotFound(err); r.Deleted {
		err = nil
	}
	return r, err
}

// kind completes what the kinds of both engines have in common.
func kind[MR Resource](of managed.Kind[MR, Server]) managed.Kind[MR, Server] {
	of.Classify = account.Classify
	of.Name = func(mr MR, owner string) string { return serverName(mr.GetName(), owner) }
	of.ValidName = validServerName
	of.HoldsData = true
	of.Settle = settle
	of.Password = &managed.Password[MR]{
		Length: passwordLength,
		AfterCreate: func(mr MR) bool {
			p, _ := mr.Server()
			return restores(p.RestoreFrom)
		},
	}
	of.References = []managed.ReferenceField[MR]{groupReference(func(mr MR) groupFields {
		p, _ := mr.Server()
		return groupFields{&p.ResourceGroupName, p.ResourceGroupRef}
	})}
	return of
}

// Names are host names, of everybody in the world: 3 to 63 lower case letters,
// digits and hyphens, which neither begin nor end with a hyphen.
var serverNames = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$`)

var errInvalidName = errors.New("not a name that Azure accepts")

const longestName = 63

func validServerName(name string) error {
	if !serverNames.MatchString(name) {
		return fmt.Errorf("%w: %q is not 3 to %d lower case letters, digits and hyphens", errInvalidName, name, longestName)
	}
	return nil
}

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

// serverName is readable, and unique by a part of the owner id.
func serverName(object, owner string) string {
	unique := "-" + owner[:min(len(owner), 8)]
	name := strings.Trim(notInNames.ReplaceAllString(strings.ToLower(object), "-"), "-")
	name = strings.Trim(name[:min(len(name), longestName-len(unique))], "-")
	if name == "" {
		name = "db"
	}
	return name + strings.TrimSuffix(unique, "-")
}
