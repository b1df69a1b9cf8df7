// SPDX-License-Identifier: Apache-2.0

// Package audit counts what was asked of an API server, from its own audit log: writes are counted
// where they arrive, by whoever made them, and no client can leave one out.
package audit

import "strings"

// Policy makes the API server record each mutating request once, without its content, and the reads
// of some users: what they get and list once, a watch when it begins and when it ends.
func Policy(readers ...string) string {
	reads := ""
	if len(readers) > 0 {
		reads = `- level: Metadata
  verbs: [get, list, watch]
  users: ["` + strings.Join(readers, `", "`) + `"]
`
	}
	return `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
  verbs: [create, update, patch, delete, deletecollection]
  omitStages: [ResponseStarted]
` + reads + `- level: None
`
}
