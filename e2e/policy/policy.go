// SPDX-License-Identifier: Apache-2.0

// Package policy holds what the documents say that an identity has to be allowed to
// do in a cloud against what operators do there.
package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// Policy are the actions that a document lists, in the cloud's own words:
// rds:CreateDBInstance, Microsoft.DBforMySQL/flexibleServers/write,
// cloudsql.instances.create.
type Policy map[string]bool

var errNoPolicy = errors.New("there is no policy in it")

// Read returns the policy in a document: of the first block of JSON all strings under
// keys that are Action, Actions, actions or includedPermissions.
func Read(document string) (Policy, error) {
	text, err := os.ReadFile(document)
	if err != nil {
		return nil, fmt.Errorf("reading a policy: %w", err)
	}
	_, block, found := strings.Cut(string(text), "```json\n")
	block, _, closed := strings.Cut(block, "\n```")
	if !found || !closed {
		return nil, fmt.Errorf("%s: %w", document, errNoPolicy)
	}
	var content any
	if err := json.Unmarshal([]byte(block), &content); err != nil {
		return nil, fmt.Errorf("%s: reading its policy: %w", document, err)
	}
	p := Policy{}
	p.collect(content)
	if len(p) == 0 {
		return nil, fmt.Errorf("%s: %w", document, errNoPolicy)
	}
	return p, nil
}

func (p Policy) collect(content any) {
	switch c := content.(type) {
	case []any:
		for _, item := range c {
			p.collect(item)
		}
	case map[string]any:
		for key, value := range c {
			list, _ := value.([]any)
			if key != "includedPermissions" && !strings.EqualFold(strings.TrimSuffix(key, "s"), "action") {
				p.collect(value)
				continue
			}
			for _, one := range list {
				if action, ok := one.(string); ok {
					p[action] = true
				}
			}
		}
	}
}

// Beyond returns the actions of calls that the policy does not allow, in order.
// needs says which ones a call needs.
func (p Policy) Beyond(calls []local.CallCount, needs func(local.CallCount) []string) []string {
	var beyond []string
	for _, c := range calls {
		for _, a := range needs(c) {
			if !p[a] && !slices.Contains(beyond, a) {
				beyond = append(beyond, a)
			}
		}
	}
	slices.Sort(beyond)
	return beyond
}

// OfAWS is the action that a call to AWS needs. Who one is may be asked by everybody.
func OfAWS(c local.CallCount) []string {
	if c.Service == "sts" {
		return nil
	}
	return []string{c.Service + ":" + c.Operation}
}

// OfAzure is the action that a call to Azure needs. The subscription may be read by
// whoever has a role in it.
func OfAzure(c local.CallCount) []string {
	if !strings.HasPrefix(c.Service, "Microsoft.") || strings.HasPrefix(c.Operation, "subscriptions/read") {
		return nil
	}
	if group, ok := strings.CutPrefix(c.Operation, "resourceGroups/"); ok && c.Service == "Microsoft.Resources" {
		return []string{c.Service + "/subscriptions/resourceGroups/" + group} // the type's name leaves out what it is in
	}
	return []string{c.Service + "/" + c.Operation}
}
