// SPDX-License-Identifier: Apache-2.0

package rds

import (
	"regexp"
	"strings"
)

// Lengths of what users name, in characters.
const (
	longestInstanceName = 63
	longestName         = 255
	longestUser         = 16
	shortestPassword    = 8
)

// isIdentifier: a letter, then letters, digits and single hyphens, none at the
// end.
func isIdentifier(s string) bool {
	return regexp.MustCompile(`^[A-Za-z](-?[A-Za-z0-9])*$`).MatchString(s)
}

// checkIdentifier returns the identifier as RDS stores it: in lower case.
func checkIdentifier(parameter, id string, longest int) (string, error) {
	if id == "" {
		return "", missing(parameter)
	}
	if len(id) > longest || !isIdentifier(id) {
		return "", invalidValue("The parameter %s is not a valid identifier. Identifiers must begin with a letter; "+
			"must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.", parameter)
	}
	return strings.ToLower(id), nil
}

func checkUser(engine, name string) error {
	if name == "" {
		return missing("MasterUsername")
	}
	if len(name) > longestUser || !regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`).MatchString(name) {
		return invalidValue("The parameter MasterUsername is not a valid identifier for %s: 1 to 16 letters, digits and underscores, the first a letter.", engine)
	}
	if reserved := map[string]bool{"rdsadmin": true, "rdsrepladmin": true}; reserved[name] || (engine == postgres && name == "admin") {
		return invalidValue("MasterUsername %s cannot be used as it is a reserved word used by the engine", name)
	}
	return nil
}

func checkDatabaseName(engine, name string) error {
	if name == "" {
		return nil
	}
	if len(name) > longestInstanceName || !regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`).MatchString(name) {
		return invalidValue("DBName must begin with a letter and contain only alphanumeric characters for %s.", engine)
	}
	return nil
}

// checkPassword never says what the password is.
func checkPassword(engine, password string) error {
	longest := map[string]int{mysql: 41, postgres: 128}[engine]
	for _, c := range password {
		if c <= ' ' || c > '~' || strings.ContainsRune(`/@"`, c) {
			return invalidValue("The parameter MasterUserPassword is not a valid password. " +
				"Only printable ASCII characters besides '/', '@', '\"', ' ' may be used.")
		}
	}
	if len(password) < shortestPassword {
		return invalidValue("The parameter MasterUserPassword is not a valid password because it is shorter than %d characters.", shortestPassword)
	}
	if len(password) > longest {
		return invalidValue("The parameter MasterUserPassword is not a valid password because it is longer than %d characters.", longest)
	}
	return nil
}
