package stage

import "fmt"

// maxBuildpackSize is the size of a staging container's disk, in bytes:
// staging.minimum_staging_disk_mb of Cloud Controller. A buildpack must fit on it.
const maxBuildpackSize = 4 << 30

func checkBuildpackSize(bytes uint64) error {
	if bytes > maxBuildpackSize {
		return fmt.Errorf("found more than %d MB in the archive; expected what fits into a staging container", maxBuildpackSize>>20)
	}
	return nil
}
