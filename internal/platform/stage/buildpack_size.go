package stage

import "fmt"

// maxBuildpackSize is the disk of a staging container, in bytes, which a buildpack
// has to fit into: staging.minimum_staging_disk_mb of Cloud Controller.
const maxBuildpackSize = 4 << 30

func checkBuildpackSize(bytes uint64) error {
	if bytes > maxBuildpackSize {
		return fmt.Errorf("found more than %d MB in the archive; expected what fits into a staging container", maxBuildpackSize>>20)
	}
	return nil
}
