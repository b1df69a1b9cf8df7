// SPDX-License-Identifier: Apache-2.0

package managedtest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/shared/managed"
)

var errCannot = errors.New("the kind can't")

// external is a kind's External with faults in its calls. While hidden it does
// not see what there is, as a cloud that is only eventually consistent.
type external[MR managed.Resource, Obs any] struct {
	managed.External[MR, Obs]
	faults *faults
	hidden *int
}

// fixed is an external whose resources can't be adopted: it has no Adopt.
type fixed[MR managed.Resource, Obs any] struct {
	managed.External[MR, Obs]
	managed.PasswordSetter[MR, Obs]
}

// issuing is an external whose resources' credentials expire.
type issuing[MR managed.Resource, Obs any] struct{ external[MR, Obs] }

// fixedIssuing is an issuing one whose resources can't be adopted.
type fixedIssuing[MR managed.Resource, Obs any] struct {
	fixed[MR, Obs]
	managed.Issuer[MR]
}

// faulty returns the subject's kind with faults in its cloud calls.
func faulty[MR managed.Resource, Obs any](kind managed.Kind[MR, Obs], f *faults, hidden *int) managed.Kind[MR, Obs] {
	connect, classify := kind.Connect, kind.Classify
	kind.Connect = func(ctx context.Context, mr MR) (managed.External[MR, Obs], error) {
		ext, err := connect(ctx, mr)
		if err != nil {
			return nil, err
		}
		return wrap(ext, external[MR, Obs]{ext, f, hidden}), nil
	}
	kind.Classify = func(err error) error {
		if _, ours := errors.AsType[*fault.Error](err); ours || classify == nil {
			return err
		}
		return classify(err)
	}
	return kind
}

// wrap returns around with the methods that ext has, and no others.
func wrap[MR managed.Resource, Obs any](ext managed.External[MR, Obs], around external[MR, Obs]) managed.External[MR, Obs] {
	_, adopts := ext.(managed.Adopter[MR, Obs])
	_, issues := ext.(managed.Issuer[MR])
	switch {
	case adopts && issues:
		return issuing[MR, Obs]{around}
	case adopts:
		return around
	case issues:
		return fixedIssuing[MR, Obs]{fixed[MR, Obs]{around, around}, issuing[MR, Obs]{around}}
	default:
		return fixed[MR, Obs]{around, around}
	}
}

func (e external[MR, Obs]) Observe(ctx context.Context, mr MR, id managed.Identity) (*Obs, error) {
	if e.faults.dark != nil {
		return nil, e.faults.dark
	}
	var obs *Obs
	err := e.faults.cloud("observe", func() (err error) {
		obs, err = e.External.Observe(ctx, mr, id)
		return err
	})
	if *e.hidden > 0 && err == nil && obs != nil {
		*e.hidden--
		return nil, nil //nolint:nilnil // there is nothing to be seen
	}
	return obs, err
}

func (e external[MR, Obs]) Create(ctx context.Context, mr MR, in managed.Intent) (*Obs, error) {
	var obs *Obs
	err := e.faults.cloud("create", func() (err error) {
		obs, err = e.External.Create(ctx, mr, in)
		return err
	})
	return obs, err
}

func (e external[MR, Obs]) Update(ctx context.Context, mr MR, obs *Obs) error {
	return e.faults.cloud("update", func() error { return e.External.Update(ctx, mr, obs) })
}

func (e external[MR, Obs]) Delete(ctx context.Context, mr MR, obs *Obs) error {
	return e.faults.cloud("delete", func() error { return e.External.Delete(ctx, mr, obs) })
}

func (e external[MR, Obs]) Adopt(ctx context.Context, mr MR, obs *Obs, tags map[string]string) error {
	adopter, can := e.External.(managed.Adopter[MR, Obs])
	if !can {
		return fmt.Errorf("adopt: %w", errCannot)
	}
	return e.faults.cloud("adopt", func() error { return adopter.Adopt(ctx, mr, obs, tags) })
}

func (e external[MR, Obs]) SetPassword(ctx context.Context, mr MR, obs *Obs, password string) error {
	setter, can := e.External.(managed.PasswordSetter[MR, Obs])
	if !can {
		return fmt.Errorf("set a password: %w", errCannot)
	}
	return e.faults.cloud("set password", func() error { return setter.SetPassword(ctx, mr, obs, password) })
}

func (e issuing[MR, Obs]) Issue(ctx context.Context, mr MR, connection map[string]string, now time.Time) (managed.Issued, error) {
	issuer, can := e.External.(managed.Issuer[MR])
	if !can {
		return managed.Issued{}, fmt.Errorf("issue credentials: %w", errCannot)
	}
	var issued managed.Issued
	err := e.faults.cloud("issue", func() (err error) {
		e.faults.issue++
		issued, err = issuer.Issue(ctx, mr, connection, now)
		return err
	})
	return issued, err
}
