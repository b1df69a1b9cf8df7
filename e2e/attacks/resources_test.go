// SPDX-License-Identifier: Apache-2.0

package attacks_test

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// resourceAttacks are claims for what is somebody else's.
func resourceAttacks() []attack {
	named := func(name string) func(*tenant) result {
		return func(a *tenant) result {
			if name == "" {
				name = stage.database.GetName()
			}
			return a.claims(a.claim("former", values{"classRef": nil, "resourceRef": values{"kind": "RDSInstance", "name": name}}))
		}
	}
	by := func(spec values) func(*tenant) result {
		return func(a *tenant) result { return a.claims(a.claim("a", spec)) }
	}
	return []attack{
		{"a claim names the victim's managed resource", guardBindable, "NoResource", named(""), false},
		{"a claim names a resource that nobody may bind", guardBindable, "NoResource", named("spare"), true},
		{"a claim selects whatever there is", guardBindable, "NoResource", by(values{"classRef": nil, "resourceSelector": values{"matchLabels": values{"made": "by-hand"}}}), false},
		{"a claim names what was released by another tenant", guardReleased, "ResourceTaken", named("left"), true},
		{"a claim names a class for others", guardClass, "ClassNotAllowed", by(values{"classRef": values{"name": "closed"}}), true},
		{"a claim selects a class for others", guardClass, "NoClass", by(values{"classRef": nil, "classSelector": values{"matchLabels": values{"kept-for": victim}}}), false},
		{"a claim asks for the revision of a class for others", guardRevision, "RevisionNotFound", func(a *tenant) result { return a.turns(stage.revision) }, true},
		{"a claim asks for a revision that does not exist", guardRevision, "RevisionNotFound", func(a *tenant) result { return a.turns("open-0000000000") }, false},
		{"a claim turns to a class that is for others by now", guardClass, "RevisionNotFound", closesDown, true},
		{"a claim restores the victim's database", guardRestore, "RestoreNotAllowed", func(a *tenant) result {
			return a.claims(a.claim("a", values{"restoreFrom": values{"source": stage.external}}))
		}, true},
		{"a claim restores a snapshot of the victim's database", guardRestore, "RestoreNotAllowed", func(a *tenant) result {
			return a.claims(a.claim("a", values{"restoreFrom": values{"snapshot": "rds:" + stage.external + "-2026-01-01"}}))
		}, false},
		{"a claim restores from another account", guardRestore, "RestoreNotAllowed", by(values{"restoreFrom": values{"snapshot": "arn:aws:rds:eu-west-1:1:snapshot:x"}}), false},
		{"a claim's annotations pass for the operators' own", guardAnnotations, "True Bound", func(a *tenant) result {
			c := a.claim("a", nil)
			c.SetAnnotations(map[string]string{"crossplane.io/external-name": stage.external, "crossplane.io/import": "adopt", "crossplane.io/owner-id": string(stage.database.GetUID())})
			return a.claims(c, func() bool { return a.made(c).GetAnnotations()["crossplane.io/external-name"] == stage.external })
		}, true},
		{"a claim's labels pass for the operators' own", guardAnnotations, "True Bound", func(a *tenant) result {
			c, of := a.claim("a", nil), string(stage.database.GetUID())
			c.SetLabels(map[string]string{"crossplane.io/claim-uid": of})
			return a.claims(c, func() bool { return a.made(c).GetLabels()["crossplane.io/claim-uid"] == of })
		}, false},
		{"a claim's labels become the tags of the owner", guardTags, "ResourceRejected", func(a *tenant) result {
			c := a.claim("a", values{"classRef": values{"name": "careless"}})
			c.SetLabels(map[string]string{"crossplane-owner": "victim"})
			return a.claims(c, func() bool {
				tags, _, _ := unstructured.NestedStringMap(a.made(c).Object, "spec", "forProvider", "tags")
				return len(tags) > 0
			})
		}, true},
	}
}

// made returns the managed resource that was made for a claim; an empty one where
// there is none.
func (a *tenant) made(c *unstructured.Unstructured) *unstructured.Unstructured {
	list := &unstructured.UnstructuredList{}
	list.SetAPIVersion(rds)
	list.SetKind("RDSInstanceList")
	if err := world.Client.List(a.t.Context(), list); err == nil {
		for i := range list.Items {
			if field(&list.Items[i], "spec", "claimRef", "uid") == string(c.GetUID()) {
				return &list.Items[i]
			}
		}
	}
	return object(rds, "RDSInstance", "", "")
}

// turns asks for a revision for a claim that is Bound.
func (a *tenant) turns(revision string) result {
	a.t.Helper()
	c := a.claim("a", nil)
	must(a.t, a.create(c))
	return a.turn(c, revision)
}

func (a *tenant) turn(c *unstructured.Unstructured, revision string) result {
	a.t.Helper()
	ready(a.t, c)
	patch := fmt.Sprintf(`{"metadata":{"annotations":{"crossplane.io/class-revision":%q}}}`, revision)
	must(a.t, patches(c, patch, "")(a))
	return a.outcome(c, func() bool { return field(c, "status", "class", "revision") == revision })
}

// closesDown has a claim of a class that is changed, and for others, afterwards.
func closesDown(a *tenant) result {
	name := a.namespace
	own := apply(a.t, class, name, "hostile", "{}")
	ready(a.t, own)
	c := a.claim("a", values{"classRef": values{"name": name}})
	must(a.t, a.create(c))
	ready(a.t, c)
	own = apply(a.t, class, name, victim, "{more: secret}")
	ready(a.t, own)
	other := object(databases, "MySQLInstance", victim, "orders-"+name)
	other.Object["spec"] = values{"engineVersion": "8.4", "storageGiB": int64(20), "classRef": values{"name": name}}
	must(a.t, world.Client.Create(a.t.Context(), other))
	ready(a.t, other)
	defer func() { must(a.t, world.Client.Delete(a.t.Context(), other)) }()
	return a.turn(c, field(other, "status", "class", "revision"))
}

// inputAttacks are names and texts that mean something to who reads them next.
func inputAttacks() []attack {
	spec := func(name, guard, says string, spec values, proof bool) attack {
		return attack{name, guard, says, func(a *tenant) result { return asked(a.create(a.claim("a", spec))) }, proof}
	}
	called := func(name, guard, says, of string, proof bool) attack {
		return attack{name, guard, says, func(a *tenant) result { return asked(a.create(a.claim(of, nil))) }, proof}
	}
	return []attack{
		spec("a database's name has parameters of a JDBC URL", guardSchema, "should match", values{"databaseName": "orders?allowLoadLocalInfile=true&x"}, true),
		spec("a database's name ends a statement", guardSchema, "should match", values{"databaseName": "o`; DROP DATABASE mysql; --"}, false),
		spec("a database's name is the server's own", guardSchema, "belongs to the server itself", values{"databaseName": "mysql"}, false),
		spec("an engine's version is an expression", guardSchema, "should match", values{"engineVersion": "${class.name}"}, false),
		spec("a snapshot's name is a path", guardSchema, "should match", values{"restoreFrom": values{"snapshot": "../../x"}}, false),
		spec("a label to select by is YAML", guardSchema, "Too long", values{"classRef": nil, "classSelector": values{"matchLabels": values{"a": strings.Repeat("b: c\n", 20)}}}, false),
		called("a claim's name has a newline", guardServer, "Invalid value", "a\n- name: root", false),
		called("a claim's name is an expression", guardServer, "Invalid value", "${claim.spec}", false),
		called("a claim's name is longer than a label", guardSchema, "at most 63 characters", strings.Repeat("a", 64), true),
		called("a claim's name has 300 characters", guardServer, "Invalid value", strings.Repeat("a", 300), false),
		{"two claims' long names begin alike", guardMarks, "True Bound", alike, true},
		{"an expression in an annotation that a class passes on", guardOnce, "True Bound", func(a *tenant) result {
			const text = "${claim.spec.storageGiB}"
			c := a.claim("a", nil)
			c.SetAnnotations(map[string]string{"note": text})
			return a.claims(c, func() bool {
				note := field(a.made(c), "spec", "forProvider", "tags", "note")
				return note != "" && note != text
			})
		}, false},
		{"an expression that takes for ever", guardCost, "ConnectionTemplateInvalid", func(a *tenant) result {
			const bomb = "${string(lists.range(500).all(x, lists.range(500).all(y, x + y >= 0)))}"
			return a.claims(a.claim("a", values{"writeConnectionSecretToRef": values{"name": "db"}, "connectionTemplate": values{"loot": bomb}}))
		}, true},
		byTemplate("an expression that is nested too deep", guardCost, "${"+strings.Repeat("(", 100)+"1"+strings.Repeat(")", 100)+"}", false),
		byTemplate("an expression that makes a huge text", guardCost, `${"x".replace("x", connection.password + connection.password).join()}`, false),
	}
}

// alike makes two claims whose names begin alike, so that what is made for them has
// the same name but for its marks. It has won when one of them gets the other's.
func alike(a *tenant) result {
	first, second := a.claim(strings.Repeat("a", 60)+"1", nil), a.claim(strings.Repeat("a", 60)+"2", nil)
	must(a.t, a.create(first))
	ready(a.t, first)
	return a.claims(second, func() bool {
		must(a.t, client.IgnoreNotFound(world.Client.Get(a.t.Context(), client.ObjectKeyFromObject(first), first)))
		return field(first, "status", "resourceRef", "name") == field(second, "status", "resourceRef", "name") || strings.Contains(words(second), "NameTaken")
	})
}
