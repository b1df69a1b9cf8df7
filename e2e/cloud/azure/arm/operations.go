// SPDX-License-Identifier: Apache-2.0

package arm

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// operation is a change that takes some time, as its caller can watch it.
type operation struct {
	resource *Resource
	began    time.Time
	until    time.Time
}

// retryAfter is what answers tell callers to wait for, in seconds.
const retryAfter = "1"

// accepted answers a call that began something: where it can be watched, and the
// resource as it is now.
func (m *Manager) accepted(c *Call, r *Resource, status int) *Answer {
	now := m.cloud.Clock.Now()
	until := now
	if n := len(r.steps); n > 0 {
		until = r.steps[n-1].until
	}
	if r.ID.Provider == "" && status != http.StatusAccepted { // of resource groups alone it is known at once
		return &Answer{Status: status, Header: http.Header{"Etag": {r.ETag()}}, Body: r.view()}
	}
	id := UUID()
	m.operations[id] = &operation{resource: r, began: now, until: until}
	place := fmt.Sprintf("%s/subscriptions/%s/providers/%s/locations/%s", c.Base, r.ID.Subscription, r.ID.Service(), orGlobal(r.location()))
	query := "/" + id + "?api-version=" + c.Query.Get("api-version")
	watch := place + "/azureAsyncOperation" + query
	if r.typ.Whole && status != http.StatusAccepted {
		return &Answer{Status: status, Header: http.Header{"Azure-Asyncoperation": {watch}, "Etag": {r.ETag()}, "Retry-After": {retryAfter}}, Body: r.view()}
	}
	return &Answer{
		Status: http.StatusAccepted,
		Header: http.Header{
			"Azure-Asyncoperation": {watch},
			"Location":             {place + "/operationResults" + query},
			"Retry-After":          {retryAfter},
		},
		Body: Body{"operation": r.ID.Kind(), "startTime": now.Format(time.RFC3339Nano)},
	}
}

func orGlobal(location string) string {
	if location == "" {
		return "global"
	}
	return location
}

// outside answers calls about no resource: how operations are getting on.
func (m *Manager) outside(c *Call) (*Answer, error) {
	parts := strings.Split(c.at.rest, "/")
	if len(parts) != 4 || c.Method != http.MethodGet {
		return nil, Refuse(http.StatusNotFound, "InvalidResourceType", "There is nothing at %s.", c.Path)
	}
	o, ok := m.operations[parts[3]]
	if !ok {
		return nil, Refuse(http.StatusNotFound, "OperationIdNotFound", "The operation '%s' was not found.", parts[3])
	}
	ended := !m.cloud.Clock.Now().Before(o.until) && !o.resource.kept()
	if strings.EqualFold(parts[2], "azureAsyncOperation") {
		return o.status(parts[3], ended), nil
	}
	return m.result(c, o, ended), nil
}

func (o *operation) status(id string, ended bool) *Answer {
	b := Body{"name": id, "status": "InProgress", "startTime": o.began.Format(time.RFC3339Nano)}
	h := http.Header{"Retry-After": {retryAfter}}
	if ended {
		b["status"], b["endTime"] = "Succeeded", o.until.Format(time.RFC3339Nano)
		h = nil
	}
	return &Answer{Status: http.StatusOK, Header: h, Body: b}
}

func (m *Manager) result(c *Call, o *operation, ended bool) *Answer {
	if !ended {
		return &Answer{Status: http.StatusAccepted, Header: http.Header{"Retry-After": {retryAfter}, "Location": {c.Base + c.Path + "?" + c.Query.Encode()}}}
	}
	if there, _ := m.Find(o.resource.ID); there != o.resource {
		return &Answer{Status: http.StatusNoContent}
	}
	return &Answer{Status: http.StatusOK, Body: o.resource.view()}
}

// UUID returns a random one.
func UUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
