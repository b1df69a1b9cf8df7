// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"errors"
	"fmt"
)

// The names of the processes.
const (
	ControlPlane     = "control-plane"
	LocalAWS         = "local-aws"
	LocalGCP         = "local-gcp"
	LocalAzure       = "local-azure"
	CoreOperator     = "core-operator"
	AWSOperator      = "aws-operator"
	GCPOperator      = "gcp-operator"
	AzureOperator    = "azure-operator"
	WorkloadOperator = "workload-operator"
)

const (
	// hyperkube is the program that is the control plane, and kubectl.
	hyperkube = "hyperkube"
	// Namespace has the operators and their credentials.
	Namespace = "crossplane-system"
	// Region is where the operator for AWS works unless it is told otherwise.
	Region = "us-east-1"
)

var (
	// ErrNotBuilt says that a program of the stack is missing.
	ErrNotBuilt = errors.New("not built: run `make programs control-plane`")
	// ErrNoOperator says that there is no operator of that name.
	ErrNoOperator = errors.New("no such operator")
	// ErrNoProcess says that a process of the stack does not run.
	ErrNoProcess = errors.New("process is not running")
	// ErrNotUp says that there is no stack in a folder.
	ErrNotUp = errors.New("the stack is not up")
	// ErrUp says that there is a stack in a folder already.
	ErrUp = errors.New("the stack is up already")
)

// operator is what an operator needs beside what all of them do.
type operator struct {
	name string
	// connections is the namespace for its connection secrets, if it has any.
	connections string
	// charts is the namespace for what charts were rendered to, if it renders any.
	charts string
	// cloud is the process of the cloud that it manages, if any.
	cloud string
}

// Operators returns the names of all operators, in the order of their start.
func Operators() []string {
	var names []string
	for _, o := range operators() {
		names = append(names, o.name)
	}
	return names
}

func operators() []operator {
	return []operator{
		{name: CoreOperator},
		{name: AWSOperator, connections: "crossplane-aws-connections", cloud: LocalAWS},
		{name: GCPOperator, connections: "crossplane-gcp-connections", cloud: LocalGCP},
		{name: AzureOperator, connections: "crossplane-azure-connections", cloud: LocalAzure},
		{name: WorkloadOperator, connections: "crossplane-workload-connections", charts: "crossplane-workload-charts"},
	}
}

func operatorNamed(name string) (operator, error) {
	for _, o := range operators() {
		if o.name == name {
			return o, nil
		}
	}
	return operator{}, fmt.Errorf("%w: %q", ErrNoOperator, name)
}

// user is the operator as the API server and its audit log know it.
func (o operator) user() string {
	return "system:serviceaccount:" + Namespace + ":" + o.name
}

// User returns the name that the API server has for an operator.
func User(name string) string {
	return operator{name: name}.user()
}
