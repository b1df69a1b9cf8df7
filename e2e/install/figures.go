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

// residentMiB returns how much memory the processes of a program have, the largest first. A
// container's processes are the sandbox's too.
func residentMiB(program string) (float64, error) {
	links, err := filepath.Glob("/proc/[0-9]*/exe")
	if err != nil {
		return 0, fmt.Errorf("looking for processes: %w", err)
	}
	largest := 0.0
	for _, link := range links {
		if target, err := os.Readlink(link); err != nil || target != "/"+program {
			continue
		}
		status, err := os.ReadFile(filepath.Join(filepath.Dir(link), "status"))
		if err != nil {
			continue // it has ended
		}
		largest = max(largest, resident(string(status)))
	}
	if largest == 0 {
		return 0, fmt.Errorf("%s: %w", program, errNoProcess)
	}
	return largest, nil
}

// resident reads VmRSS, which is in kibibytes, from /proc/PID/status.
func resident(status string) float64 {
	for line := range strings.Lines(status) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, _ := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 64)
			return kib / 1024
		}
	}
	return 0
}
