package buildpack

import (
	"io"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/dependency"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/family"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/supply"
)

// Supply is bin/supply BUILD_DIR CACHE_DIR DEPS_DIR IDX. args[0] is the program's own path, which
// locates the buildpack's files. Supply logs to stdout, calls the hooks, and returns the exit
// code: 0, 2 for a wrong number of arguments, 225 for a failure (CF-11).
func Supply(args, environ []string, stdout, stderr io.Writer, hooks ...Hooks) int {
	if len(args) != 5 {
		return usage(stderr, "supply", "BUILD_DIR CACHE_DIR DEPS_DIR IDX")
	}
	log := newLogger(stdout)
	buildpack := newLayout(args[0])
	stager, err := buildpack.stager(args[1:], log)
	if err != nil {
		return fail(stdout, exitSupply, err)
	}
	catalog, err := buildpack.catalog()
	if err != nil {
		return fail(stdout, exitSupply, err)
	}
	manifest, err := buildpack.manifest(newLineLogger(stdout))
	if err != nil {
		return fail(stdout, exitSupply, err)
	}
	identity, err := buildpack.identity(manifest)
	if err != nil {
		return fail(stdout, exitSupply, err)
	}
	stack := env.Get(environ, "CF_STACK")
	dependencies, err := dependency.New(manifest, stager.DepsDir(), stack)
	if err != nil {
		return fail(stdout, exitSupply, err)
	}
	installer := newInstaller(buildpack, environ, stager.CacheDir(), stdout, log)
	installer.find = programFinder(hooks)
	supplier := supply.Supplier{
		Stager: stager, Log: log, Identity: identity, Catalog: catalog, Siblings: family.Siblings(buildpack.root), Languages: family.Languages(buildpack.root), Neighbors: family.Neighbors(buildpack.root), Environ: environ,
		StagingMemory: stagingMemory(environ), Manifest: manifest, Stack: stack, Dependencies: dependencies, Installer: installer,
	}
	if err := supplyWith(&supplier, hooks); err != nil {
		return fail(stdout, exitSupply, err)
	}
	if len(installer.used) == 0 && sharesCache(stager.DepsDir(), stager.DepsIdx(), identity.ID) {
		return exitSuccess // the cache is that of the first one, which installs everything that this one could
	}
	if err := installer.tidy(); err != nil {
		log.Warning("%s", err)
	}
	return exitSuccess
}

// stagingMemory returns the memory of the staging container (CF-13), or 0 if MEMORY_LIMIT is
// missing or unreadable.
func stagingMemory(environ []string) memory.Size {
	size, err := memory.ParseWithUnit(env.Get(environ, "MEMORY_LIMIT"))
	if err != nil {
		return 0
	}
	return size
}
