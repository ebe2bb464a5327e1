// Package sidecarbuildpack holds the files that describe the buildpack, for
// programs that carry it with them.
package sidecarbuildpack

import "embed"

// Files are buildpack.toml, manifest.yml and VERSION.
//
//go:embed buildpack.toml manifest.yml VERSION
var Files embed.FS
