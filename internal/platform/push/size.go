package push

import (
	"fmt"
)

const (
	// maxPackageSize is Cloud Controller's limit for an app, in bytes. It applies to the unpacked
	// files, not to the archive: packages.max_package_size in capi-release's
	// jobs/cloud_controller_ng/spec, AppPackager#size in cloud_controller_ng.
	maxPackageSize = 1 << 30
)

// checkPackageSize refuses an app that is too large, in the platform's words.
func checkPackageSize(bytes uint64) error {
	if bytes > maxPackageSize {
		return fmt.Errorf("the app package is invalid: Package may not be larger than %d bytes; "+
			"leave files out of it by .cfignore", maxPackageSize)
	}
	return nil
}
