package check_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testtable"
)

func testGood(t *testing.T, _ spec.G, it spec.S) {
	it("finds nothing in a buildpack that keeps the rules", func() {
		NewWithT(t).Expect(checked(t, goodBuildpack(t).directory, nil)).To(BeEmpty())
	})

	it("finds nothing in a package that a profile has left dependencies out of", func() {
		b := goodBuildpack(t)
		b.replace("manifest.yml", "dependencies:\n- name: agent\n  version: 1.2.3\n", "dependencies:\n- name: other\n  file: dependencies/other\n  version: 1.2.3\n")
		b.write("dependencies/other", "other\n", 0o644)
		b.replace("manifest.yml", "22da8d8e23ed4484ed950b46d95c4505af1471b736f9be5ac292dae6b2f36d34", "7e4fa2eb8c7ac089739d5defc4489fad68a100d92082ca35c6b40a4524821f87")
		b.replace("manifest.yml", "exclude: [agent]", "exclude: [agent, gone]")
		NewWithT(t).Expect(checked(t, b.directory, func(o *check.Options) { o.Static = true })).To(BeEmpty())
	})

	for name, spoil := range testtable.Sorted(map[string]func(b buildpack){
		"has ./ in include_files": func(b buildpack) { b.replace("manifest.yml", "bin/supply", "./bin/supply") },
		"has a date of a deprecation": func(b buildpack) {
			b.replace("manifest.yml", "default_versions:", deprecation("2027-02-28")+"default_versions:")
		},
		"has a stack of an operator":               func(b buildpack) { b.replace("manifest.yml", "cflinuxfs5]", "cflinuxfs5, cflinuxfs4-fips]") },
		"has no VERSION, which the packager makes": func(b buildpack) { b.remove("VERSION") },
		"has a catalog with a template that scripts/build.sh makes": func(b buildpack) {
			b.write("buildpack.toml", goodCatalog+"[metadata.sidecars.files]\n\"a.yml\" = {template = \"agent.tmpl\"}\n", 0o644)
			b.write("scripts/build.sh", "#!/bin/bash\nsed s/VERSION/1/ agent.in >agent.tmpl\n", 0o755)
		},
		"has a prerelease in VERSION":       func(b buildpack) { b.write("VERSION", "1.2.3-rc.1+build\n", 0o644) },
		"has another interpreter by env -S": func(b buildpack) { b.write("bin/detect", "#!/usr/bin/env -S bash -e\nexit 1\n", 0o755) },
	}) {
		it("finds nothing in a buildpack that "+name, func() {
			b := goodBuildpack(t)
			spoil(b)
			NewWithT(t).Expect(checked(t, b.directory, func(o *check.Options) { o.Static = true })).To(BeEmpty())
		})
	}

	for name, script := range testtable.Sorted(goodProfiles) {
		it("finds nothing in a profile.d script that "+name+" (CF-14, CF-15)", func() {
			b := goodBuildpack(t)
			b.write("profile.d/x.sh", script, 0o644)
			NewWithT(t).Expect(checked(t, b.directory, func(o *check.Options) { o.Static = true })).To(BeEmpty())
		})
	}

	for name, script := range testtable.Sorted(map[string]string{
		"writes the second launch.yml of the first of ten": "if [ \"$4\" = 00 ]; then mkdir -p \"$3/0\"; fi\n",
		"has a number below another directory":             "ls \"$1/0\" || true\n",
	}) {
		it("finds nothing in a bin/supply that "+name+" (CF-02)", func() {
			b := goodBuildpack(t)
			b.supply(script)
			NewWithT(t).Expect(checked(t, b.directory, func(o *check.Options) { o.Static = true })).To(BeEmpty())
		})
	}

	it("finds nothing in a script for sh that starts bash itself", func() {
		b := goodBuildpack(t)
		b.write("bin/detect", "#!/bin/sh\n[ -n \"${BASH_VERSION-}\" ] || exec bash \"$0\" \"$@\"\n[[ -f $1/x ]]\n", 0o755)
		NewWithT(t).Expect(checked(t, b.directory, func(o *check.Options) { o.Static = true })).To(BeEmpty())
	})

	it("finds nothing in a script for sh that dash can read", func() {
		b := goodBuildpack(t)
		b.write("bin/detect", "#!/bin/sh\nset -eu\n. ./lib\nf() { local a=${1#x}; [ -n \"$a\" ] && printf '%s\\n' \"$((a + 1))\" 2>&1; }\nexit 1\n", 0o755)
		NewWithT(t).Expect(checked(t, b.directory, func(o *check.Options) { o.Static = true })).To(BeEmpty())
	})

	for _, script := range []string{
		`if [ "$(id -u)" = 0 ]; then sudo ls; fi`, `if [ "$(id -u)" != 0 ]; then ls; else sudo ls; fi`, `[ "$(id -u)" -eq 0 ] && sudo ls`,
		`[[ $EUID -ne 0 ]] || sudo ls`, `if (( EUID == 0 )); then chown root x; fi`, `if ! [ "$(whoami)" != root ]; then sudo ls; fi`,
	} {
		it("finds nothing in a script that calls sudo for root alone: "+script, func() {
			b := goodBuildpack(t)
			b.supply(script)
			NewWithT(t).Expect(checked(t, b.directory, func(o *check.Options) { o.Static = true })).To(BeEmpty())
		})
	}
}
