// SPDX-License-Identifier: Apache-2.0

package class

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

// counting counts the reads that reach the API server.
type counting struct {
	client.Reader

	gets int
}

func (c *counting) Get(ctx context.Context, key client.ObjectKey, obj client.Object, opts ...client.GetOption) error {
	c.gets++
	return c.Reader.Get(ctx, key, obj, opts...)
}

func TestLibrary(t *testing.T) {
	r := revisions(t)
	reader := &counting{Reader: r.Reader}
	r.Reader = reader
	schemas := madeUp(t)
	library := &Library{Revisions: r, Schemas: schemas}
	name, err := r.Record(t.Context(), with(t, "database: ${claim.spec.databaseName}"))
	if err != nil {
		t.Fatal(err)
	}
	first, problems, err := library.Compiled(t.Context(), name)
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	if second, _, _ := library.Compiled(t.Context(), name); second != first || reader.gets != 1 {
		t.Errorf("compiled again without need, after %d reads", reader.gets)
	}

	schemas.claims[claimKind] = schemas.claims[claimKind].DeepCopy()
	third, _, err := library.Compiled(t.Context(), name)
	if err != nil || third == first || reader.gets != 1 {
		t.Errorf("after the schema changed: same %t, %d reads, %v", third == first, reader.gets, err)
	}

	delete(schemas.claims, claimKind)
	if _, problems, _ := library.Compiled(t.Context(), name); len(problems) != 1 {
		t.Errorf("without the claim kind: %v", problems)
	}
	if _, _, err := library.Compiled(t.Context(), "absent"); !errors.Is(err, ErrNoRevision) {
		t.Errorf("got %v", err)
	}
}

func TestLibraryForgets(t *testing.T) {
	r := revisions(t)
	library := &Library{Revisions: r, Schemas: madeUp(t)}
	for i := range maxRemembered {
		library.remember(fmt.Sprintf("former-%d", i), &volume{seen: newSeen(library.Schemas)})
	}
	for i := range 10 {
		class := classOf(spec(t, primary(`{providerRef: {name: a}, forProvider: {region: here, size: small}}`)))
		class.Name = fmt.Sprintf("class-%d", i)
		name, err := r.Record(t.Context(), class)
		if err != nil {
			t.Fatal(err)
		}
		if compiled, problems, err := library.Compiled(t.Context(), name); compiled == nil || compiled.ClassName() != class.Name {
			t.Fatal(problems, err)
		}
	}
	if got := len(library.remembered); got != maxRemembered {
		t.Errorf("remembers %d, want %d", got, maxRemembered)
	}
}
