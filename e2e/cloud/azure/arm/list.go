// SPDX-License-Identifier: Apache-2.0

package arm

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
)

// pageSize is how many resources a page has at most.
const pageSize = 100

// list answers with the resources of a type, or of a group, page by page.
func (m *Manager) list(c *Call) (*Answer, error) {
	if c.Method != http.MethodGet {
		return nil, Refuse(http.StatusMethodNotAllowed, "MethodNotAllowed", "The request method '%s' is not supported here.", c.Method)
	}
	m.spell(&c.at.ID)
	if c.at.Group != "" {
		if _, ok := m.Find(c.at.GroupID()); !ok {
			return nil, m.absent(c.at.ID)
		}
	}
	if len(c.at.Names) > 0 {
		parent := c.at.ID
		parent.Types = parent.Types[:len(parent.Names)]
		if _, ok := m.Find(parent); !ok {
			return nil, m.absent(parent)
		}
	}
	after, err := base64.RawURLEncoding.DecodeString(c.Query.Get("$skiptoken"))
	if err != nil {
		return nil, Refuse(http.StatusBadRequest, "InvalidSkipToken", "The skip token is invalid.")
	}
	return m.page(c, m.matching(c), string(after)), nil
}

// matching returns what a list is about, in the order of the IDs.
func (m *Manager) matching(c *Call) []*Resource {
	prefix := strings.ToLower("/subscriptions/" + c.at.Subscription + "/")
	if c.at.Group != "" {
		prefix = c.at.GroupID().Key() + "/"
	}
	want := strings.ToLower(c.at.Type())
	if c.at.many && c.at.Provider == "" {
		want = strings.ToLower(groupType)
	}
	parent := ""
	if n := len(c.at.Names); n > 0 {
		id := c.at.ID
		id.Types = id.Types[:n]
		parent = id.Key() + "/"
	}
	var out []*Resource
	for _, r := range m.under(prefix) {
		top := len(r.ID.Names) == 1
		if c.at.all && !top || !c.at.all && strings.ToLower(r.ID.Type()) != want || !strings.HasPrefix(r.ID.Key(), parent) {
			continue
		}
		if !m.cloud.Veil.Hides(r.ID.Key()) {
			out = append(out, r)
		}
	}
	return out
}

func (m *Manager) page(c *Call, all []*Resource, after string) *Answer {
	value := []Body{}
	b := Body{}
	for _, r := range all {
		if r.ID.Key() <= after {
			continue
		}
		if len(value) == pageSize {
			last, _ := value[pageSize-1]["id"].(string)
			q := url.Values{"api-version": {c.Query.Get("api-version")}, "$skiptoken": {base64.RawURLEncoding.EncodeToString([]byte(strings.ToLower(last)))}}
			b["nextLink"] = c.Base + c.Path + "?" + q.Encode()
			break
		}
		value = append(value, r.view())
	}
	b["value"] = value
	return &Answer{Status: http.StatusOK, Body: b}
}
