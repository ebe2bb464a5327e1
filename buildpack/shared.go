package buildpack

import (
	"fmt"
	"path/filepath"
	"strconv"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/family"
)

// sharesCache tells whether this buildpack has run before in this push: the platform gives
// a buildpack that is named more than once, and not last, one cache directory
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
