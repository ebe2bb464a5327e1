//go:build !linux

package supervise

import (
	"fmt"
	"io"
)

// Main is the program. It only runs on Linux, as the platform's containers do.
func Main(_, _ []string, _, stderr io.Writer) int {
	fmt.Fprintln(stderr, "[supervise] sidecars can be supervised on Linux only")
	return 1
}
