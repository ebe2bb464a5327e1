package platform

import (
	"archive/zip"
	"fmt"
	"strings"
)

const (
	// maxPackageSize is the most that Cloud Controller takes of an app, in bytes, and
	// counts what is in the archive and not the archive itself: packages.max_package_size
	// in capi-release's jobs/cloud_controller_ng/spec, AppPackager#size in
	// cloud_controller_ng.
	maxPackageSize = 1 << 30
	// maxBuildpackSize is the disk of a staging container, in bytes, which a buildpack
	// has to fit into: staging.minimum_staging_disk_mb of Cloud Controller.
	maxBuildpackSize = 4 << 30
)

// checkPackageSize refuses an app in the platform's words.
func checkPackageSize(bytes uint64) error {
	if bytes > maxPackageSize {
		return fmt.Errorf("the app package is invalid: Package may not be larger than %d bytes; "+
			"leave files out of it by .cfignore", maxPackageSize)
	}
	return nil
}

func checkBuildpackSize(bytes uint64) error {
	if bytes > maxBuildpackSize {
		return fmt.Errorf("found more than %d MB in the archive; expected what fits into a staging container", maxBuildpackSize>>20)
	}
	return nil
}

// unpackedSize is what an archive comes to, less what is ignored, in bytes. It goes by
// what the archive states: an entry that holds more cannot be unpacked.
func unpackedSize(archive *zip.ReadCloser, ignored func(name string) bool) uint64 {
	var sum uint64
	for _, entry := range archive.File {
		if ignored(strings.TrimSuffix(entry.Name, "/")) {
			continue
		}
		if sum += entry.UncompressedSize64; sum < entry.UncompressedSize64 {
			return 1<<64 - 1
		}
	}
	return sum
}
