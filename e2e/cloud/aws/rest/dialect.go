// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"encoding/json"
	"fmt"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// JSON is how services of the protocol write.
type JSON struct{}

// ContentType implements query.Dialect.
func (JSON) ContentType() string { return "application/json" }

// Answer implements query.Dialect.
func (JSON) Answer(operation, _ string, out any) ([]byte, error) {
	body, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("writing the answer to %s: %w", operation, err)
	}
	return body, nil
}

// Refusal implements query.Dialect. The code stands in a header.
func (JSON) Refusal(_ string, e *local.Error) ([]byte, error) {
	body, err := json.Marshal(map[string]string{"message": e.Message})
	if err != nil {
		return nil, fmt.Errorf("writing a refusal: %w", err)
	}
	return body, nil
}
