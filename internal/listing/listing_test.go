package listing_test

import (
	"slices"
	"testing"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/listing"
)

func TestLines(t *testing.T) {
	all := make([]string, listing.Max)
	if got := listing.Lines(all); !slices.Equal(got, all) {
		t.Errorf("found %d lines", len(got))
	}
	if got := listing.Lines(make([]string, 19_998)); len(got) != listing.Max+1 || got[listing.Max] != "and 19898 more" {
		t.Errorf("found %d lines, and last %q", len(got), got[len(got)-1])
	}
}
