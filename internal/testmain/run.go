// Package testmain runs the tests of a package so that none of their processes is left, however the
// tests end: passed, failed, interrupted, killed, or timed out.
package testmain

import (
	"flag"
	"strconv"
	"time"

	"github.com/onsi/gomega"
)

// patience is the default timeout of Gomega's Eventually. It costs nothing if a condition is met
// soon, and allows for slow and busy machines.
const patience = 3 * time.Minute

func bePatient() { gomega.SetDefaultEventuallyTimeout(patience) }

// SetParallel sets the number of parallel specs, unless the flag -parallel does: more than there
// are processors, if specs mostly wait. Call it before testing.M's Run.
func SetParallel(specs int) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) {
		given = given || f.Name == "test.parallel" || f.Name == "test.fuzz"
	})
	if !given {
		_ = flag.Set("test.parallel", strconv.Itoa(specs)) // the flag exists, and this is a number
	}
}
