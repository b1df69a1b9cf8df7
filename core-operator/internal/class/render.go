// SPDX-License-Identifier: Apache-2.0

package class

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/validation"
)

// Bounds of what a class renders for one claim.
const (
	maxItems  = 64        // objects that one forEach makes
	maxObject = 256 << 10 // bytes of one object, about
)

// Render returns the objects that in.Claim needs, in the order of the class. An
// error is always a *RenderError.
func (c *Compiled) Render(in Input) ([]Rendered, error) { return c.render(c.resources, in) }

// RenderAccess returns the objects that open the path from in.Target to what
// was rendered for in.Claim. An error is always a *RenderError.
func (c *Compiled) RenderAccess(in Input) ([]Rendered, error) {
	of := in
	of.ObjectName = func(name string) string { return in.objectName(c.ofTarget(name, in.Target)) }
	rendered, err := c.render(c.access, of)
	for i := range rendered {
		rendered[i].Name, rendered[i].Target = c.ofTarget(rendered[i].Name, in.Target), in.Target.Name
	}
	return rendered, err
}

// ofTarget tells the name of an access object for one target from that for
// another; resources keep theirs.
func (c *Compiled) ofTarget(name string, t *Target) string {
	if slices.ContainsFunc(c.access, func(e *entry) bool { return e.name == name }) {
		return name + "-" + label(t.Name)
	}
	return name
}

func (c *Compiled) render(resources []*entry, in Input) ([]Rendered, error) {
	p := newPass(c.values(in), c.judge)
	if missing := c.Missing(); len(missing) > 0 {
		p.blame(false, Problem{Path: fieldSpec, Message: fmt.Sprintf("%s is not installed", missing[0])})
		return nil, p.err()
	}
	var out []Rendered
	for _, r := range resources {
		if r.forEach == nil {
			out = append(out, p.object(r, r.name, in))
		} else {
			out = append(out, p.each(r, in)...)
		}
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	return out, nil
}

func (in *Input) objectName(name string) string {
	if in.ObjectName == nil {
		return name
	}
	return in.ObjectName(name)
}

// each renders a template once for each item of its list.
func (p *pass) each(r *entry, in Input) []Rendered {
	path := r.path + ".forEach"
	blame := func(format string, args ...any) {
		p.blame(false, Problem{Path: path, Expression: r.forEach.Source, Message: fmt.Sprintf(format, args...)})
	}
	value, present, err := r.forEach.Eval(p.variables)
	if err != nil {
		blame("%s", bounded(err.Error()))
		return nil
	}
	items, isList := value.([]any)
	switch {
	case !present:
		return nil
	case !isList:
		blame("%s", "gives no list")
		return nil
	case len(items) > maxItems:
		blame("gives %d items, and can give %d", len(items), maxItems)
		return nil
	}
	var out []Rendered
	seen := map[string]bool{}
	for _, item := range items {
		name, ok := itemName(item)
		if !ok || seen[name] {
			blame("each item has to be a string, a number or an object with a name, and no two the same: %s", quoted(item))
			return nil
		}
		seen[name] = true
		inner := &pass{variables: maps.Clone(p.variables), judge: p.judge, developer: p.developer, problems: p.problems}
		inner.variables[varItem] = item
		out = append(out, inner.object(r, r.name+"-"+label(name), in))
		p.problems, p.developer = inner.problems, inner.developer
	}
	return out
}

// itemName returns what tells an item from the others.
func itemName(item any) (string, bool) {
	switch v := item.(type) {
	case string:
		return v, v != ""
	case int64:
		return fmt.Sprint(v), true
	case map[string]any:
		name, ok := v[fieldName].(string)
		return name, ok && name != ""
	default:
		return "", false
	}
}

// label makes of an item's name one that an object's name can have in it. What
// does not fit is replaced, and told from others by a hash.
func label(name string) string {
	const longest = 40
	if len(name) <= longest && len(validation.IsDNS1123Label(name)) == 0 {
		return name
	}
	clean := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(name))
	sum := sha256.Sum256([]byte(name))
	return clean[:min(len(clean), longest-9)] + "x" + hex.EncodeToString(sum[:4])
}

// object renders one template.
func (p *pass) object(r *entry, name string, in Input) Rendered {
	value, _ := r.template.render(p)
	content, _ := value.(map[string]any)
	if sizeOf(content) > maxObject {
		p.blame(false, Problem{Path: r.path, Message: fmt.Sprintf("the object has more than %d bytes", maxObject)})
		return Rendered{}
	}
	u := &unstructured.Unstructured{Object: content}
	u.SetName(in.objectName(name))
	return Rendered{Name: name, Primary: r.primary, Object: u}
}

// sizeOf returns about how many bytes a value has as JSON.
func sizeOf(value any) int {
	const item = 8
	size := item
	switch v := value.(type) {
	case string:
		size += len(v)
	case []any:
		for _, inner := range v {
			size += sizeOf(inner)
		}
	case map[string]any:
		for name, inner := range v {
			size += len(name) + sizeOf(inner)
		}
	}
	return size
}
