// Package sidecarbuildpack embeds the files that describe the buildpack, for programs that use it
// without a checkout.
package sidecarbuildpack

import "embed"

// Files are buildpack.toml, manifest.yml and VERSION.
//
//go:embed buildpack.toml manifest.yml VERSION
var Files embed.FS
