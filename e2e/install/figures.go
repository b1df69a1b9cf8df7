// SPDX-License-Identifier: Apache-2.0

package install

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/crossplaneio/crossplane/shared/kubetest/process"
)

// Figure is one result that a person may want to know.
type Figure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
}

func (s *story) figure(name string, value float64, unit string) {
	s.figures = append(s.figures, Figure{name, value, unit})
}

// once keeps the first value of a figure.
func (s *story) once(name string, value float64, unit string) {
	if !slices.ContainsFunc(s.figures, func(f Figure) bool { return f.Name == name }) {
		s.figure(name, value, unit)
	}
}

// showFigures prints one line of JSON per figure.
func (s *story) showFigures() {
	fmt.Fprintln(s.out)
	for _, f := range s.figures {
		if line, err := json.Marshal(f); err == nil {
			fmt.Fprintf(s.out, "%s\n", line)
		}
	}
}

// weighImages tells the archives' sizes: what a pull would transfer, and a few kilobytes.
func (s *story) weighImages(archives []string) error {
	for _, archive := range archives {
		info, err := os.Stat(archive)
		if err != nil {
			return fmt.Errorf("weighing an image: %w", err)
		}
		name, _, _ := strings.Cut(filepath.Base(archive), "_")
		s.figure("image."+name, float64(info.Size())/1e6, "MB")
	}
	return nil
}

var errNoProcess = errors.New("no process of that program runs")

// processes returns the processes of a program in containers, which are the sandbox's too.
func processes(program string) ([]int, error) {
	links, err := filepath.Glob("/proc/[0-9]*/exe")
	if err != nil {
		return nil, fmt.Errorf("looking for processes: %w", err)
	}
	var found []int
	for _, link := range links {
		if target, err := os.Readlink(link); err != nil || target != "/"+program {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(link)))
		if err != nil {
			return nil, fmt.Errorf("looking for processes: %w", err)
		}
		found = append(found, pid)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s: %w", program, errNoProcess)
	}
	return found, nil
}

// heaviest returns what that process of a program has used which holds most memory.
func heaviest(program string) (process.Usage, error) {
	pids, err := processes(program)
	if err != nil {
		return process.Usage{}, err
	}
	var largest process.Usage
	for _, pid := range pids {
		id, err := process.Identify(pid)
		if err != nil {
			return largest, fmt.Errorf("weighing %s: %w", program, err)
		}
		usage, err := id.Usage()
		if err != nil {
			return largest, fmt.Errorf("weighing %s: %w", program, err)
		}
		if usage.RSS > largest.RSS {
			largest = usage
		}
	}
	return largest, nil
}
