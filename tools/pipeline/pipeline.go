// SPDX-License-Identifier: Apache-2.0

// Package pipeline reads the steps out of the three spellings of our pipeline, so that a test
// can see that they are the same.
package pipeline

import (
	"fmt"
	"regexp"

	"sigs.k8s.io/yaml"
)

var (
	scriptStep  = regexp.MustCompile(`(?m)^step (.+)$`)
	jenkinsStep = regexp.MustCompile(`(?m)^\s*sh\s+'([^']*)'\s*$`)
)

// Script returns the steps of .ci/run.
func Script(text string) []string { return matches(scriptStep, text) }

// Jenkins returns the steps of a declarative Jenkinsfile.
func Jenkins(text string) []string { return matches(jenkinsStep, text) }

// Workflow returns the steps of a GitHub workflow, which has one job.
func Workflow(text string) ([]string, error) {
	var workflow struct {
		Jobs map[string]struct {
			Steps []struct {
				Run string `json:"run"`
			} `json:"steps"`
		} `json:"jobs"`
	}
	if err := yaml.Unmarshal([]byte(text), &workflow); err != nil {
		return nil, fmt.Errorf("reading the workflow: %w", err)
	}
	if len(workflow.Jobs) != 1 {
		return nil, fmt.Errorf("the workflow has %d jobs, whose order nobody knows", len(workflow.Jobs))
	}
	var steps []string
	for _, job := range workflow.Jobs {
		for _, step := range job.Steps {
			if step.Run != "" {
				steps = append(steps, step.Run)
			}
		}
	}
	return steps, nil
}

func matches(pattern *regexp.Regexp, text string) []string {
	var found []string
	for _, match := range pattern.FindAllStringSubmatch(text, -1) {
		found = append(found, match[1])
	}
	return found
}
