// SPDX-License-Identifier: Apache-2.0

package query

import (
	"bytes"
	"encoding/xml"
	"fmt"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// Dialect is how a service writes its answers.
type Dialect interface {
	// Answer writes the answer to an operation.
	Answer(operation, requestID string, out any) ([]byte, error)
	// Refusal writes an error.
	Refusal(requestID string, e *local.Error) ([]byte, error)
	// ContentType is that of both.
	ContentType() string
}

// contentType is that of every answer of the Query protocol.
const contentType = "text/xml;charset=UTF-8"

// Plain is the Query protocol of RDS and STS, under the service's namespace.
type Plain struct{ Namespace string }

// ContentType implements Dialect.
func (p Plain) ContentType() string { return contentType }

// Answer wraps the result with the request's ID.
func (p Plain) Answer(operation, requestID string, out any) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("<" + operation + `Response xmlns="` + p.Namespace + `">`)
	if _, none := out.(*Empty); !none {
		if err := encode(&b, operation+"Result", out); err != nil {
			return nil, err
		}
	}
	b.WriteString("<ResponseMetadata><RequestId>" + requestID + "</RequestId></ResponseMetadata>")
	b.WriteString("</" + operation + "Response>")
	return b.Bytes(), nil
}

// Refusal wraps the error.
func (p Plain) Refusal(requestID string, e *local.Error) ([]byte, error) {
	type body struct {
		Type    string
		Code    string
		Message string
	}
	kind := "Sender"
	if e.Status >= 500 {
		kind = "Receiver"
	}
	var b bytes.Buffer
	b.WriteString(`<ErrorResponse xmlns="` + p.Namespace + `">`)
	if err := encode(&b, "Error", body{Type: kind, Code: e.Code, Message: e.Message}); err != nil {
		return nil, err
	}
	b.WriteString("<RequestId>" + requestID + "</RequestId></ErrorResponse>")
	return b.Bytes(), nil
}

// EC2 is EC2's variant: no result element, and errors in a list.
type EC2 struct{ Namespace string }

// ContentType implements Dialect.
func (d EC2) ContentType() string { return contentType }

// Answer puts the request's ID beside the result's own elements.
func (d EC2) Answer(operation, requestID string, out any) ([]byte, error) {
	var inner bytes.Buffer
	if err := encode(&inner, "x", out); err != nil {
		return nil, err
	}
	elements := bytes.TrimSuffix(bytes.TrimPrefix(inner.Bytes(), []byte("<x>")), []byte("</x>"))
	var b bytes.Buffer
	b.WriteString("<" + operation + `Response xmlns="` + d.Namespace + `"><requestId>` + requestID + "</requestId>")
	b.Write(elements)
	b.WriteString("</" + operation + "Response>")
	return b.Bytes(), nil
}

// Refusal wraps the error.
func (d EC2) Refusal(requestID string, e *local.Error) ([]byte, error) {
	type body struct {
		Code    string
		Message string
	}
	var b bytes.Buffer
	b.WriteString("<Response><Errors>")
	if err := encode(&b, "Error", body{Code: e.Code, Message: e.Message}); err != nil {
		return nil, err
	}
	b.WriteString("</Errors><RequestID>" + requestID + "</RequestID></Response>")
	return b.Bytes(), nil
}

func encode(b *bytes.Buffer, name string, v any) error {
	e := xml.NewEncoder(b)
	if err := e.EncodeElement(v, xml.StartElement{Name: xml.Name{Local: name}}); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}
