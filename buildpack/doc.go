// Package buildpack implements the programs of a sidecar buildpack. Authors import it to make a
// buildpack of their own, whose only Go code is
//
//	func main() {
//		buildpack.Main()
//	}
//
// Everything else is data in the buildpack's root directory:
//
//   - buildpack.toml has the buildpack's name and its catalog of sidecars;
//   - manifest.yml lists the dependencies to install for them;
//   - VERSION is the buildpack's version.
//
// The programs are in the directory bin below the root. [Main] is four of them: detect, supply,
// finalize and release. Three more are built from cmd/ of this module: supervise, sidecar-env and
// sidecar-render. The buildpack copies these to the droplet if a sidecar needs them. The command
// "sidecar new" writes all of these files.
//
// If data is not enough, pass [Hooks]: your own functions, which change what the buildpack does
// with an app. This package is the module's only public API. The changelog lists every change to
// it.
package buildpack
