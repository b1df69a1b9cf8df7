// SPDX-License-Identifier: Apache-2.0

package database_test

import (
	"crypto/x509"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crossplaneio/crossplane/e2e/cloud/database"
)

func TestLogin(t *testing.T) {
	eachEngine(t, func(t *testing.T, s *database.Servers, e engine) {
		t.Helper()
		at := add(t, s, e.spec)
		if err := e.login(t, at, e.spec, trust(s.CA(), at)).PingContext(t.Context()); err != nil {
			t.Fatalf("with the right password and CA: %v", err)
		}

		wrong := e.spec
		wrong.Password = "wrong-horse"
		if e.login(t, at, wrong, trust(s.CA(), at)).PingContext(t.Context()) == nil {
			t.Error("logged in with a wrong password")
		}

		unknown := x509.UnknownAuthorityError{}
		if err := e.login(t, at, e.spec, trust(start(t).CA(), at)).PingContext(t.Context()); !errors.As(err, &unknown) {
			t.Errorf("with the CA of another cloud: %v, want an unknown authority", err)
		}

		elsewhere := trust(s.CA(), at)
		elsewhere.ServerName = "127.0.0.1"
		name := x509.HostnameError{}
		if err := e.login(t, at, e.spec, elsewhere).PingContext(t.Context()); !errors.As(err, &name) {
			t.Errorf("as another host: %v, want a wrong name", err)
		}
	})
}

func TestPasswordChange(t *testing.T) {
	eachEngine(t, func(t *testing.T, s *database.Servers, e engine) {
		t.Helper()
		at := add(t, s, e.spec)
		next := e.spec
		next.Password = "battery-staple"
		for name, before := range map[string]bool{"before any client": false, "with clients": true} {
			if before {
				next.Password += "-2"
			}
			if err := s.SetPassword(e.spec.ID, next.Password); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if err := e.login(t, at, next, trust(s.CA(), at)).PingContext(t.Context()); err != nil {
				t.Errorf("%s: the new password: %v", name, err)
			}
			if e.login(t, at, e.spec, trust(s.CA(), at)).PingContext(t.Context()) == nil {
				t.Errorf("%s: the old password still works", name)
			}
		}
	})
}

func TestDataSurvive(t *testing.T) {
	eachEngine(t, func(t *testing.T, s *database.Servers, e engine) {
		t.Helper()
		at := add(t, s, e.spec)
		db := e.login(t, at, e.spec, trust(s.CA(), at))
		exec(t, db, e.create, e.insert)

		s.Restart(e.spec.ID)
		if err := s.SetVersion(e.spec.ID, e.spec.Version); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"kept"}, notes(t, e.login(t, at, e.spec, trust(s.CA(), at)))); diff != "" {
			t.Errorf("after a restart (-want +got):\n%s", diff)
		}
	})
}

func TestSnapshot(t *testing.T) {
	eachEngine(t, func(t *testing.T, s *database.Servers, e engine) {
		t.Helper()
		at := add(t, s, e.spec)
		exec(t, e.login(t, at, e.spec, trust(s.CA(), at)), e.create, e.insert)
		snapshot, err := s.Snapshot(e.spec.ID)
		if err != nil {
			t.Fatal(err)
		}
		exec(t, e.login(t, at, e.spec, trust(s.CA(), at)), "INSERT INTO notes (note) VALUES ('later')")
		s.Remove(e.spec.ID)

		for _, id := range []string{"first", "second"} {
			restored := e.spec
			restored.ID, restored.From, restored.Password = id, snapshot, snapshot.Password
			at := add(t, s, restored)
			if id == "second" {
				snapshot.Discard() // who was promised the data still gets them
			}
			db := e.login(t, at, restored, trust(s.CA(), at))
			if diff := cmp.Diff([]string{"kept"}, notes(t, db)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", id, diff)
			}
			exec(t, db, e.insert) // which the other must not see
		}
	})
}

func TestClosed(t *testing.T) {
	eachEngine(t, func(t *testing.T, s *database.Servers, e engine) {
		t.Helper()
		at := add(t, s, e.spec)
		db := e.login(t, at, e.spec, trust(s.CA(), at))
		if err := db.PingContext(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.Open(e.spec.ID, false)
		if db.PingContext(t.Context()) == nil {
			t.Error("a closed database answers")
		}
		s.Open(e.spec.ID, true)
		if err := db.PingContext(t.Context()); err != nil {
			t.Errorf("opened again: %v", err)
		}
		s.Remove(e.spec.ID)
		if db.PingContext(t.Context()) == nil {
			t.Error("a removed database answers")
		}
	})
}

func TestMoreDatabases(t *testing.T) {
	eachEngine(t, func(t *testing.T, s *database.Servers, e engine) {
		t.Helper()
		at := add(t, s, e.spec)
		spec := e.spec
		for _, name := range []string{"before any client", "with clients"} {
			spec.Database = name
			for range 2 {
				if err := s.AddDatabase(e.spec.ID, name); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
			}
			exec(t, e.login(t, at, spec, trust(s.CA(), at)), e.create)
		}
		if err := s.DropDatabase(e.spec.ID, "with clients"); err != nil {
			t.Fatal(err)
		}
		if e.login(t, at, spec, trust(s.CA(), at)).PingContext(t.Context()) == nil {
			t.Error("a database that was removed still lets clients in")
		}
	})
}
