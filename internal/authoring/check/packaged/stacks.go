package packaged

import (
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/suggest"
)

// The Linux stacks of Cloud Foundry to which apps can still be pushed.
const (
	stackNow  = "cflinuxfs4"
	stackNext = "cflinuxfs5"
)

// isGone reports whether the platform no longer has a stack, or never had it: its name is almost
// that of a stack.
func isGone(stack string) bool {
	if stack == stackNow || stack == stackNext {
		return false
	}
	return strings.HasPrefix(stack, "cflinuxfs") && !strings.Contains(stack, "-") || stack == "lucid64" || suggest.Name(stack, []string{stackNow, stackNext}) != ""
}

// isMisspelled reports whether a stack's name is almost that of one.
func isMisspelled(stack string) bool {
	return !strings.HasPrefix(stack, "cflinuxfs") && isGone(stack) && stack != "lucid64"
}
