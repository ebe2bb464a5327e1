// Package buildpack is a whole sidecar buildpack, for those who make one of their own:
//
//	func main() {
//		buildpack.Main()
//	}
//
// is all of its code. Data makes it a buildpack of its own, in the directory above that of
// the program: buildpack.toml has its name and the sidecars that it knows,
// manifest.yml what it installs for them, VERSION its version. The directory of the
// program has the others, too: detect, supply, finalize and release are this package;
// supervise, sidecar-env and sidecar-render are built from cmd/ of this module, and copied
// to the droplet where a sidecar needs them. The command "sidecar new" writes all of that.
//
// If data does not suffice, Hooks can change what the buildpack does with an app. This
// package is the only API: a change of its names has a line in the changelog.
package buildpack
