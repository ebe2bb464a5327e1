//go:build linux && race

package supervise

// raceFlags build the program as this test is built.
var raceFlags = []string{"-race"}
