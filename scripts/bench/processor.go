//go:build ignore

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// onProcessor is how long all threads of a process have run.
func onProcessor(pid int) (time.Duration, error) {
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil {
		return 0, err
	}
	var sum time.Duration
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return 0, err
		}
		nanoseconds, _, _ := strings.Cut(string(content), " ")
		one, err := time.ParseDuration(nanoseconds + "ns")
		if err != nil {
			return 0, err
		}
		sum += one
	}
	return sum, nil
}
