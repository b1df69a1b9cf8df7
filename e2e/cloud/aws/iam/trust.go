// SPDX-License-Identifier: Apache-2.0

package iam

import (
	"encoding/json"
	"slices"
	"strings"
)

// trust is a role's trust policy: who may assume it.
type trust struct {
	document   string
	statements []statement
}

type statement struct {
	Effect    string    `json:"Effect"`
	Action    texts     `json:"Action"`
	Principal principal `json:"Principal"`
}

// principal are those that a statement is about, by their kind: AWS, Service,
// Federated. Everybody is "*" of kind AWS.
type principal map[string]texts

// texts is a text or a list of them.
type texts []string

// UnmarshalJSON reads either form.
func (t *texts) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*t = texts{one}
		return nil
	}
	var many []string
	err := json.Unmarshal(b, &many)
	*t = many
	return err //nolint:wrapcheck // encoding/json adds where it happened
}

// UnmarshalJSON reads either form.
func (p *principal) UnmarshalJSON(b []byte) error {
	if string(b) == `"*"` {
		*p = principal{"AWS": {"*"}}
		return nil
	}
	var byKind map[string]texts
	err := json.Unmarshal(b, &byKind)
	*p = byKind
	return err //nolint:wrapcheck // encoding/json adds where it happened
}

// readTrust reads a trust policy as IAM does: with a version, with statements
// that say to whom they apply, and about assuming roles only.
func readTrust(document string) (trust, error) {
	var policy struct {
		Version   string          `json:"Version"`
		Statement json.RawMessage `json:"Statement"`
	}
	if err := json.Unmarshal([]byte(document), &policy); err != nil {
		return trust{}, malformed("This policy contains invalid Json")
	}
	var statements []statement
	if err := json.Unmarshal(policy.Statement, &statements); err != nil {
		statements = make([]statement, 1)
		if err := json.Unmarshal(policy.Statement, &statements[0]); err != nil {
			return trust{}, malformed("Syntax errors in policy.")
		}
	}
	for _, st := range statements {
		switch {
		case st.Effect != "Allow" && st.Effect != "Deny":
			return trust{}, malformed("Syntax errors in policy.")
		case len(st.Principal) == 0:
			return trust{}, malformed("Missing required field Principal")
		case !slices.ContainsFunc(st.Action, assumes):
			return trust{}, malformed("AssumeRole policy may only specify STS AssumeRole actions.")
		}
	}
	return trust{document: document, statements: statements}, nil
}

func assumes(action string) bool {
	return strings.HasPrefix(action, "sts:AssumeRole") || action == "sts:TagSession" || action == "sts:*"
}

// allows says whether the service may assume the role.
func (t trust) allows(service string) bool {
	return slices.ContainsFunc(t.statements, func(st statement) bool {
		return st.Effect == "Allow" && slices.Contains(st.Principal["Service"], service) &&
			slices.ContainsFunc(st.Action, func(a string) bool { return a == "sts:AssumeRole" || a == "sts:*" })
	})
}
