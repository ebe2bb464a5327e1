package gitsource

import (
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/capability"
)

// request asks for commits. If the server can filter, it leaves out files that are too large to read anyway.
func request(refs *references, limits Limits, commits ...plumbing.Hash) *packp.UploadPackRequest {
	wanted := packp.NewUploadPackRequest()
	wanted.Wants = commits
	for _, one := range []capability.Capability{capability.OFSDelta, capability.Sideband64k, capability.NoProgress, capability.Filter} {
		if refs.capabilities.Supports(one) {
			wanted.Capabilities.Set(one)
		}
	}
	if refs.capabilities.Supports(capability.Filter) {
		wanted.Filter = packp.FilterBlobLimit(uint64(limits.File)+1, packp.BlobLimitPrefixNone)
	}
	if refs.capabilities.Supports(capability.Agent) {
		wanted.Capabilities.Set(capability.Agent, "git/config-server")
	}
	return wanted
}
