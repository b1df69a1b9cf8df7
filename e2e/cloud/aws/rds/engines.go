// SPDX-License-Identifier: Apache-2.0

package rds

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// The engines that the local RDS has.
const (
	mysql    = "mysql"
	postgres = "postgres"
)

// engineVersion is a version that databases can have.
type engineVersion struct {
	engine  string
	major   string
	version string
	chosen  bool // what the major version alone stands for
}

// versions returns the versions in their order. A major version alone does not
// stand for its latest minor version: at AWS it does not either.
func versions() []engineVersion {
	return []engineVersion{
		{mysql, "8.0", "8.0.40", false},
		{mysql, "8.0", "8.0.41", false},
		{mysql, "8.0", "8.0.42", true},
		{mysql, "8.4", "8.4.3", true},
		{mysql, "8.4", "8.4.4", false},
		{mysql, "8.4", "8.4.5", false},
		{postgres, "13", "13.20", true},
		{postgres, "14", "14.17", true},
		{postgres, "14", "14.18", false},
		{postgres, "15", "15.12", true},
		{postgres, "15", "15.13", false},
		{postgres, "16", "16.8", true},
		{postgres, "16", "16.9", false},
		{postgres, "17", "17.4", true},
		{postgres, "17", "17.5", false},
	}
}

// defaultMajor is the version of who asks for none.
func defaultMajor(engine string) string {
	return map[string]string{mysql: "8.4", postgres: "17"}[engine]
}

func checkEngine(engine string) error {
	if engine == "" {
		return missing("Engine")
	}
	if engine != mysql && engine != postgres {
		return invalidValue("Invalid DB engine: %s", engine)
	}
	return nil
}

// findVersion returns the version that want stands for: itself, or the chosen
// one of a major version.
func findVersion(engine, want string) (engineVersion, error) {
	if want == "" {
		want = defaultMajor(engine)
	}
	for _, v := range versions() {
		if v.engine == engine && (v.version == want || (v.chosen && v.major == want)) {
			return v, nil
		}
	}
	return engineVersion{}, invalidCombination("Cannot find version %s for %s", want, engine)
}

// findUpgrade returns the version to go to from the one that runs. The same
// version is no upgrade, nor is the major version that runs already.
func findUpgrade(engine, from, want string, allowMajor bool) (engineVersion, error) {
	have, err := findVersion(engine, from)
	if err != nil || want == have.version || want == have.major {
		return have, err
	}
	to, err := findVersion(engine, want)
	if err != nil {
		return to, err
	}
	if compareVersions(to.version, from) < 0 {
		return to, invalidCombination("Cannot upgrade %s from %s to %s", engine, from, to.version)
	}
	if to.major != have.major && !allowMajor {
		return to, invalidCombination("The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version.")
	}
	return to, nil
}

// compareVersions compares number by number.
func compareVersions(a, b string) int {
	return slices.CompareFunc(strings.Split(a, "."), strings.Split(b, "."), func(x, y string) int {
		m, _ := strconv.Atoi(x) // the versions above are all numbers
		n, _ := strconv.Atoi(y)
		return cmp.Compare(m, n)
	})
}

// family is the name of the parameter groups that fit a version.
func (v engineVersion) family() string { return v.engine + v.major }

func licence(engine string) string {
	return map[string]string{mysql: "general-public-license", postgres: "postgresql-license"}[engine]
}

// checkClass knows the shape of a class and the families and sizes that RDS has.
func checkClass(class string) error {
	if class == "" {
		return missing("DBInstanceClass")
	}
	parts := strings.Split(class, ".")
	if len(parts) != 3 || parts[0] != "db" || !slices.Contains(families(), parts[1]) || !slices.Contains(sizes(), parts[2]) {
		return invalidValue("Invalid DB Instance class: %s", class)
	}
	return nil
}

func families() []string {
	return []string{
		"t3", "t4g", "m5", "m5d", "m6g", "m6gd", "m6i", "m6id", "m7g", "m7i", "m8g", "r5", "r5b", "r5d",
		"r6g", "r6gd", "r6i", "r6id", "r7g", "r7i", "r8g", "x2g", "x2idn", "x2iedn", "c6gd",
	}
}

func sizes() []string {
	return []string{"micro", "small", "medium", "large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge", "32xlarge", "48xlarge"}
}
