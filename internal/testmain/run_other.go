//go:build !linux

package testmain

import "time"

// Run runs the tests, with a default timeout of minutes for Gomega's Eventually.
func Run(tests func() int) int {
	bePatient()
	return tests()
}

// RunAllowing is Run.
func RunAllowing(_ time.Duration, tests func() int) int { return Run(tests) }
