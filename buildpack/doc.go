// Package buildpack is a complete sidecar buildpack, for authors who make one of their own:
//
//	func main() {
//		buildpack.Main()
//	}
//
// is all the Go code that it needs. Everything else is data, in the buildpack's root directory:
//
//   - buildpack.toml has the buildpack's name, and its catalog of sidecars;
//   - manifest.yml lists the dependencies that it installs for them;
//   - VERSION is its version.
//
// The programs are in the directory bin below the root. This package makes four of them:
// detect, supply, finalize and release. Three more are built from cmd/ of this module: supervise,
// sidecar-env and sidecar-render. The buildpack copies them to the droplet if a sidecar needs
// them. The command "sidecar new" writes all of these files.
//
// If data is not enough, use Hooks: functions of your own that change what the buildpack does
// with an app. This package is the only public API of the module. Each change of it has a line in the
// changelog.
package buildpack
