// SPDX-License-Identifier: Apache-2.0

// Package network manages VPC networks of Compute Engine and their connections to
// the network of Google's services.
package network

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"google.golang.org/api/compute/v1"
	"google.golang.org/api/servicenetworking/v1"

	"github.com/crossplaneio/crossplane/gcp-operator/internal/account"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// Accounts knows the account of each Provider by its name.
type Accounts interface {
	Connect(ctx context.Context, provider string) (*account.Account, error)
}

// longestName is what Compute Engine allows (RFC 1035).
const longestName = 63

// Names are as RFC 1035 has them (Compute Engine, "Naming resources").
var validNames = regexp.MustCompile(`^[a-z]([-a-z0-9]*[a-z0-9])?$`)

// services is the service that is connected to: all of Google's that have
// private addresses, Cloud SQL among them.
const services = "services/servicenetworking.googleapis.com"

// mark is how a resource without labels says whose it is: in its description,
// which is set in the call that makes it and never changes.
func mark(tags map[string]string) string {
	labels := account.Labels(tags)
	return fmt.Sprintf("Made by Crossplane. %s=%s %s=%s %s=%s", contract.TagHub, labels[contract.TagHub],
		contract.TagOwner, labels[contract.TagOwner], contract.TagName, labels[contract.TagName])
}

// tagsOf reads what mark wrote. Somebody else's description has no tags.
func tagsOf(description string) map[string]string {
	tags := map[string]string{}
	for word := range strings.FieldsSeq(description) {
		key, value, ok := strings.Cut(word, "=")
		if ok && (key == contract.TagHub || key == contract.TagOwner || key == contract.TagName) {
			tags[key] = value
		}
	}
	return tags
}

// operations finds out what became of the last operation on what is not there:
// Compute Engine refuses some things, for instance for a quota, only there.
type operations interface {
	LastOperation(ctx context.Context, kind, name string) (*compute.Operation, error)
}

// failedLately is for how long a creation that failed is not asked for again.
const failedLately = 10 * time.Minute

// failedCreation is why name could not be made, if that was not long ago; nil if
// it was never asked for or is still being made.
func failedCreation(ctx context.Context, api operations, kind, name string, now time.Time) error {
	op, err := api.LastOperation(ctx, kind, name)
	if err != nil || op == nil || op.OperationType != "insert" || op.Error == nil || len(op.Error.Errors) == 0 {
		return err
	}
	ended, err := time.Parse(time.RFC3339, op.EndTime)
	if err != nil || now.Sub(ended) > failedLately {
		return nil //nolint:nilerr // what ended at no known time was long ago
	}
	e := op.Error.Errors[0]
	return account.OperationFault(kind+".insert", e.Code, e.Message)
}

// client is the APIs by Google's own clients.
type client struct {
	compute    *compute.Service
	networking *servicenetworking.APIService
	project    string
	number     string
}

func newClient(a *account.Account) client {
	return client{a.Compute, a.Networking, a.Project, a.Number()}
}

// LastOperation implements operations.
func (c client) LastOperation(ctx context.Context, kind, name string) (*compute.Operation, error) {
	link := c.compute.BasePath + "projects/" + c.project + "/global/" + kind + "/" + name
	list, err := account.Do(ctx, "globalOperations.list", func(ctx context.Context) (*compute.OperationList, error) {
		return c.compute.GlobalOperations.List(c.project).Filter(fmt.Sprintf("targetLink = %q", link)).Context(ctx).Do()
	})
	if err != nil {
		return nil, err
	}
	var last *compute.Operation
	for _, op := range list.Items {
		if last == nil || op.InsertTime > last.InsertTime {
			last = op
		}
	}
	return last, nil
}

// start makes a call that begins an operation. What becomes of it is seen by
// looking: nothing is kept of it here.
func start[Op any](ctx context.Context, operation string, call func(context.Context) (Op, error)) error {
	_, err := account.Do(ctx, operation, call)
	return err
}
