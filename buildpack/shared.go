package buildpack

import (
	"fmt"
	"path/filepath"
	"strconv"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/family"
)

// sharesCache reports whether this buildpack has already run in this push: the platform gives a
// buildpack that is named more than once, and not last, the same cache directory each time
// (buildpackapplifecycle, buildpackrunner/runner.go, supplyCachePath).
func sharesCache(depsDir, index, id string) bool {
	own, err := strconv.Atoi(index)
	if err != nil {
		return false
	}
	for earlier := range own {
		record, err := family.ReadRecord(filepath.Join(depsDir, fmt.Sprintf("%0*d", len(index), earlier)))
		if err == nil && record.ID == id {
			return true
		}
	}
	return false
}
