// SPDX-License-Identifier: Apache-2.0

// Package audit counts what was asked of an API server, from its own audit log: writes are counted
// where they arrive, by whoever made them, and no client can leave one out.
package audit

// Policy makes the API server record each mutating request once, without its content.
const Policy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived, ResponseStarted]
rules:
- level: Metadata
  verbs: [create, update, patch, delete, deletecollection]
- level: None
`
