// SPDX-License-Identifier: Apache-2.0

package managedtest

import (
	"context"
	"errors"
	"fmt"

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

// faulty returns the subject's kind with faults in its cloud calls.
func faulty[MR managed.Resource, Obs any](kind managed.Kind[MR, Obs], f *faults, hidden *int) managed.Kind[MR, Obs] {
	connect, classify := kind.Connect, kind.Classify
	kind.Connect = func(ctx context.Context, mr MR) (managed.External[MR, Obs], error) {
		ext, err := connect(ctx, mr)
		if err != nil {
			return nil, err
		}
		wrapped := external[MR, Obs]{ext, f, hidden}
		if _, can := ext.(managed.Adopter[MR, Obs]); !can {
			return fixed[MR, Obs]{wrapped, wrapped}, nil
		}
		return wrapped, nil
	}
	kind.Classify = func(err error) error {
		if _, ours := errors.AsType[*fault.Error](err); ours || classify == nil {
			return err
		}
		return classify(err)
	}
	return kind
}

func (e external[MR, Obs]) Observe(ctx context.Context, mr MR, id managed.Identity) (*Obs, error) {
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
