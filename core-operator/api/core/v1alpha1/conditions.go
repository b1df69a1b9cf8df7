// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// Condition types of a ResourceClass, beside Ready, Reconciling and Stalled.
// Ready is True where both of these are.
const (
	// ConditionValid says that the templates fit the claim kind and the kinds
	// that they make.
	ConditionValid = "Valid"

	// ConditionAvailable says that what the templates make can be made now.
	ConditionAvailable = "Available"
)

// Reasons of these conditions.
const (
	// ReasonPending: not looked at yet. The schema's default.
	ReasonPending = "Pending"

	// ReasonValid and ReasonAvailable: nothing is wrong.
	ReasonValid     = "Valid"
	ReasonAvailable = "Available"

	// ReasonInvalid: the templates have faults, which the message lists.
	ReasonInvalid = "Invalid"

	// ReasonUnknownClaimKind: there is no claim kind of the name in spec.claim.
	ReasonUnknownClaimKind = "UnknownClaimKind"

	// ReasonOperatorNotInstalled: the CRD of a kind that a template makes is not
	// there. What is known of the template without it has no fault.
	ReasonOperatorNotInstalled = "OperatorNotInstalled"

	// ReasonOperatorForbidden: core may not make objects of a kind that a
	// template makes.
	ReasonOperatorForbidden = "OperatorForbidden"

	// ReasonOperatorNotRunning: the operator that serves a kind is not at work.
	ReasonOperatorNotRunning = "OperatorNotRunning"
)
