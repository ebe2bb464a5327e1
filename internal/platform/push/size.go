package push

import (
	"fmt"
)

const (
	// maxPackageSize is the most that Cloud Controller takes of an app, in bytes, and
	// counts what is in the archive and not the archive itself: packages.max_package_size
	// in capi-release's jobs/cloud_controller_ng/spec, AppPackager#size in
	// cloud_controller_ng.
	maxPackageSize = 1 << 30
)

// checkPackageSize refuses an app in the platform's words.
func checkPackageSize(bytes uint64) error {
	if bytes > maxPackageSize {
		return fmt.Errorf("the app package is invalid: Package may not be larger than %d bytes; "+
			"leave files out of it by .cfignore", maxPackageSize)
	}
	return nil
}
