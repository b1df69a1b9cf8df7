// SPDX-License-Identifier: Apache-2.0

package class

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/google/cel-go/cel"

	"github.com/crossplaneio/crossplane/core-operator/internal/expr"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// Bounds of a connection template.
const (
	maxConnectionKeys  = 32
	maxConnectionText  = 4096     // bytes of one text of the template
	maxConnectionValue = 64 << 10 // bytes of one value that is made of it
)

const varConnection = "connection"

// ConnectionTemplate makes extra keys of a connection secret out of the
// connection details that are there: the values are text with ${...} over
// connection, a map of those details.
type ConnectionTemplate struct {
	keys []connectionKey
}

type connectionKey struct {
	name     string
	template *expr.Template
}

// CompileConnection checks a claim's connectionTemplate: the keys (none may be
// a standard one, see shared/api/v1alpha1), the expressions, the sizes. Problems
// name key and position. An empty template gives one that renders nothing.
func CompileConnection(template map[string]string) (*ConnectionTemplate, Problems) {
	out := &ConnectionTemplate{}
	if len(template) == 0 {
		return out, nil
	}
	if len(template) > maxConnectionKeys {
		return nil, Problems{{Path: "connectionTemplate", Message: fmt.Sprintf("has %d keys, and can have %d", len(template), maxConnectionKeys)}}
	}
	environment, err := expr.New(expr.Objects{}, map[string]*cel.Type{varConnection: stringMap()})
	if err != nil {
		return nil, Problems{{Path: "connectionTemplate", Message: err.Error()}}
	}
	var problems Problems
	for _, name := range sortedKeys(template) {
		text, found := connectionText(environment, name, template[name])
		problems = append(problems, found...)
		out.keys = append(out.keys, connectionKey{name: name, template: text})
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return out, nil
}

// standardKeys are those that mean the same in every secret.
func standardKeys() []string {
	return []string{
		v1alpha1.KeyType, v1alpha1.KeyProvider, v1alpha1.KeyHost, v1alpha1.KeyPort, v1alpha1.KeyEndpoint, v1alpha1.KeyURI,
		v1alpha1.KeyUsername, v1alpha1.KeyPassword, v1alpha1.KeyDatabase, v1alpha1.KeyRegion, v1alpha1.KeyTLS, v1alpha1.KeyCA,
		v1alpha1.KeyKubeconfig, v1alpha1.KeyToken, v1alpha1.KeyExpiresAt, v1alpha1.KeyPasswordNext, v1alpha1.KeyOperatorKubeconfig,
	}
}

func connectionText(environment *expr.Environment, name, text string) (*expr.Template, Problems) {
	path := connectionPath(name)
	switch {
	case slices.Contains(standardKeys(), name):
		return nil, Problems{{Path: path, Message: "is a standard key, which can't be redefined: give yours another name"}}
	case !regexp.MustCompile(`^[-._a-zA-Z0-9]{1,253}$`).MatchString(name) || name == "." || strings.HasPrefix(name, ".."):
		return nil, Problems{{Path: path, Message: "is no key that a secret can have: use letters, digits, '-', '_' and '.'"}}
	case len(text) > maxConnectionText:
		return nil, Problems{{Path: path, Message: fmt.Sprintf("has %d bytes, and can have %d", len(text), maxConnectionText)}}
	}
	template, faults := environment.CompileText(text, expr.AbsenceFails)
	var problems Problems
	for _, f := range faults {
		problems = append(problems, Problem{Path: path, Expression: f.Source, Message: position(f) + f.Error()})
	}
	if len(faults) == 0 {
		problems = notText(path, template)
	}
	return template, problems
}

func connectionPath(name string) string { return "connectionTemplate[" + bounded(name) + "]" }

// position tells where in a text an expression stands, counted from 1. A text
// that could not be cut says so itself.
func position(f *expr.PartError) string {
	if f.Source == "" {
		return ""
	}
	return fmt.Sprintf("expression at %d: ", f.Offset+1)
}

// notText finds a text that is one expression which gives something else.
func notText(path string, template *expr.Template) Problems {
	x := template.Whole()
	if x == nil {
		return nil
	}
	name := expr.TypeName(x.Type)
	if !slices.Contains([]string{aString, anInteger, aNumber, aBoolean, "a value of unknown type"}, name) {
		return Problems{{Path: path, Expression: x.Source, Message: "gives " + name + ", and has to give a string"}}
	}
	return nil
}

// Render returns the extra keys. A key whose expression gives an optional
// without a value is left out. Problems name key and position and never a value;
// where there are any, no key is returned.
func (t *ConnectionTemplate) Render(details map[string][]byte) (map[string][]byte, Problems) {
	connection := make(map[string]string, len(details))
	for name, value := range details {
		connection[name] = string(value)
	}
	out := make(map[string][]byte, len(t.keys))
	var problems Problems
	for _, key := range t.keys {
		value, problem := key.render(connection)
		if problem != nil {
			problems = append(problems, *problem)
		} else if value != nil {
			out[key.name] = value
		}
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return out, nil
}

func (k *connectionKey) render(connection map[string]string) ([]byte, *Problem) {
	value, present, fault := k.template.Eval(map[string]any{varConnection: connection})
	if fault != nil {
		return nil, &Problem{Path: connectionPath(k.name), Expression: fault.Source, Message: position(fault) + k.cause(fault, connection)}
	}
	if !present {
		return nil, nil
	}
	text, err := expr.Text(value)
	if err != nil {
		return nil, &Problem{Path: connectionPath(k.name), Message: "has to give a string"}
	}
	if len(text) > maxConnectionValue {
		return nil, &Problem{Path: connectionPath(k.name), Message: fmt.Sprintf("gives more than %d bytes", maxConnectionValue)}
	}
	return []byte(text), nil
}

// cause says why an expression could not be evaluated. CEL's own words may quote
// a value, which may be secret; they are never passed on.
func (k *connectionKey) cause(fault *expr.PartError, connection map[string]string) string {
	for _, x := range k.template.Expressions() {
		if x.Source != fault.Source {
			continue
		}
		for _, path := range x.Refers {
			if name := path.Steps[0].Name(); !has(connection, name) && path.Root == varConnection {
				return fmt.Sprintf("there is no connection detail %s%s", name, expr.Hint(name, sortedKeys(connection)))
			}
		}
	}
	if errors.Is(fault, expr.ErrTooLarge) {
		return "gives too much"
	}
	return "can't be evaluated with the connection details that there are: " + strings.Join(sortedKeys(connection), ", ")
}

func has(connection map[string]string, name string) bool {
	_, ok := connection[name]
	return ok
}
