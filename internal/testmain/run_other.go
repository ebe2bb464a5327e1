//go:build !linux

package testmain

import "time"

// Run runs the tests.
func Run(tests func() int) int { return tests() }

// RunAllowing runs the tests.
func RunAllowing(_ time.Duration, tests func() int) int { return tests() }
