// Package testmain runs the tests of a package so that none of their processes is
// left, however they end: passed, failed, interrupted, killed, or out of time.
package testmain

import (
	"flag"
	"strconv"
	"time"

	"github.com/onsi/gomega"
)

// patience is how long Gomega's Eventually waits where nothing else is said. What
// comes soon costs no more by it, and on a slow or busy machine what comes late comes.
const patience = 3 * time.Minute

func bePatient() { gomega.SetDefaultEventuallyTimeout(patience) }

// SetParallel has as many specs run at once, unless the flag -parallel says otherwise:
// more than there are processors, where specs wait for most of their time. It is
// called before testing.M's Run.
func SetParallel(specs int) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) {
		given = given || f.Name == "test.parallel" || f.Name == "test.fuzz"
	})
	if !given {
		_ = flag.Set("test.parallel", strconv.Itoa(specs)) // it is there, and a number
	}
}
