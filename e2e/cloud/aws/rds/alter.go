// SPDX-License-Identifier: Apache-2.0

package rds

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// Alter changes an instance at once and past all rules, as somebody else with
// the right to it might have. Fields are those of a DBInstance in the API, of
// the kinds string, number and boolean.
func (s *Service) Alter(t local.Target, fields map[string]any) error {
	r, i, err := s.target(t)
	if err != nil {
		return err
	}
	next := i.description
	for name, value := range fields {
		field := reflect.ValueOf(&next).Elem().FieldByName(name)
		if !field.IsValid() {
			return fmt.Errorf("a DBInstance has no field %s", name) //nolint:err113 // for people to read
		}
		if err := set(field, value); err != nil {
			return fmt.Errorf("setting %s: %w", name, err)
		}
	}
	if next.EngineVersion != i.EngineVersion {
		s.finishUpgrade(i, next.EngineVersion)
	}
	i.description = next
	s.cloud.Ledger.Record(local.Entry{
		Service: serviceName, Region: r.scope.Region, Kind: kindInstance, ID: i.DBInstanceIdentifier, Action: local.Updated, Operation: "change", Caller: "control",
	})
	s.changed(r, i)
	return nil
}

func set(field reflect.Value, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("reading the value: %w", err)
	}
	if err := json.Unmarshal(text, field.Addr().Interface()); err != nil {
		return fmt.Errorf("reading the value: %w", err)
	}
	return nil
}
