// SPDX-License-Identifier: Apache-2.0

// Command mutants plants each fault of a list and expects the test named for it to fail.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/crossplaneio/crossplane/tools/mutants"
)

var errSurvived = errors.New("not every mutant was killed")

func main() {
	root := flag.String("root", "..", "the root of the repository")
	list := flag.String("list", "mutants.yaml", "the mutants")
	only := flag.String("only", "", "a regular expression: plant only those whose \"file: name\" matches")
	flag.Parse()
	if err := run(context.Background(), *root, *list, *only); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, root, list, only string) error {
	abs, err := filepath.Abs(root)
	if err != nil {
		return fmt.Errorf("finding the root: %w", err)
	}
	chosen, err := regexp.Compile(only)
	if err != nil {
		return fmt.Errorf("choosing mutants: %w", err)
	}
	all, err := mutants.Read(list)
	if err != nil {
		return err
	}
	runner, count := &mutants.Runner{Root: abs}, map[mutants.Outcome]int{}
	for _, mutant := range all {
		if !chosen.MatchString(mutant.File + ": " + mutant.Name) {
			continue
		}
		start := time.Now()
		outcome, err := runner.Plant(ctx, mutant)
		if err != nil {
			return fmt.Errorf("%s: %w", mutant.Name, err)
		}
		count[outcome]++
		fmt.Printf("%-11s %5.1f s  %-60s %s %s\n", outcome, time.Since(start).Seconds(), mutant.Name, mutant.Package, mutant.Test)
	}
	return summary(count)
}

func summary(count map[mutants.Outcome]int) error {
	wrong := 0
	for outcome, number := range count {
		if outcome != mutants.Killed && outcome != mutants.Survived {
			wrong += number
		}
	}
	line := fmt.Sprintf("%d killed, %d survived", count[mutants.Killed], count[mutants.Survived])
	if wrong > 0 {
		line += fmt.Sprintf(", %d could not be planted", wrong)
	}
	fmt.Println("mutants:", line)
	if wrong > 0 || count[mutants.Survived] > 0 {
		return errSurvived
	}
	return nil
}
