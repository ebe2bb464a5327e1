//go:build !linux

package testmain

import "time"

// Run runs the tests, and Gomega's Eventually waits for minutes where nothing else is
// said.
func Run(tests func() int) int {
	bePatient()
	return tests()
}

// RunAllowing is Run.
func RunAllowing(_ time.Duration, tests func() int) int { return Run(tests) }
