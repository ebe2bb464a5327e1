package main

import (
	"bytes"
	"cmp"
	"fmt"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/CycloneDX/cyclonedx-go"
)

// module is the one of the buildpack. Its own version is not in its programs.
const module = "github.com/cloudfoundry-community/sidecar-buildpack"

// specVersion is the version of CycloneDX: the newest that most readers know.
const specVersion = cyclonedx.SpecVersion1_6

// described is what an SBOM is of.
type described struct {
	name, version string
	programs      []program
	dependencies  []dependency
}

// A dependency is an archive that is part of what is described.
type dependency struct{ name, version, uri, sha256 string }

// encode is the SBOM in JSON. It has neither time nor serial number, which would be others each time.
func (d *described) encode() ([]byte, error) {
	root := cyclonedx.Component{
		BOMRef: "root", Type: cyclonedx.ComponentTypeApplication, Name: d.name, Version: d.version,
		PackageURL: packageURL(module, "v"+d.version), Licenses: &cyclonedx.Licenses{{License: &cyclonedx.License{ID: "Apache-2.0"}}},
	}
	parts := map[string]cyclonedx.Component{}
	edges := map[string][]string{}
	for _, p := range d.programs {
		d.addProgram(p, parts, edges)
	}
	for _, dependency := range d.dependencies {
		component := dependency.component()
		parts[component.BOMRef] = component
		edges[root.BOMRef] = append(edges[root.BOMRef], component.BOMRef)
		edges[component.BOMRef] = nil
	}
	bom := cyclonedx.NewBOM()
	bom.Metadata = &cyclonedx.Metadata{Component: &root}
	components := []cyclonedx.Component{}
	for _, component := range parts {
		components = append(components, component)
	}
	slices.SortFunc(components, func(a, b cyclonedx.Component) int { return cmp.Compare(a.BOMRef, b.BOMRef) })
	bom.Components = &components
	bom.Dependencies = dependenciesOf(edges)
	var content bytes.Buffer
	err := cyclonedx.NewBOMEncoder(&content, cyclonedx.BOMFileFormatJSON).SetPretty(true).EncodeVersion(bom, specVersion)
	return content.Bytes(), err
}

// addProgram adds a program, and the modules that it is linked with.
func (d *described) addProgram(p program, parts map[string]cyclonedx.Component, edges map[string][]string) {
	main := p.info.Main
	if main.Path == module || main.Version == "(devel)" {
		main.Version = ""
	}
	if main.Path == module {
		main.Version = "v" + d.version
	}
	ref := "program:" + p.path
	parts[ref] = cyclonedx.Component{
		BOMRef: ref, Type: cyclonedx.ComponentTypeApplication, Name: p.path, Version: main.Version, PackageURL: packageURL(main.Path, main.Version),
		Hashes: &[]cyclonedx.Hash{{Algorithm: cyclonedx.HashAlgoSHA256, Value: p.sha256}},
	}
	edges["root"] = append(edges["root"], ref)
	edges[ref] = []string{}
	modules := []*debug.Module{{Path: "std", Version: strings.TrimPrefix(p.info.GoVersion, "go")}}
	for _, m := range append(modules, p.info.Deps...) {
		if m.Replace != nil {
			m = m.Replace
		}
		purl := packageURL(m.Path, m.Version)
		parts[purl] = cyclonedx.Component{BOMRef: purl, Type: cyclonedx.ComponentTypeLibrary, Name: m.Path, Version: m.Version, PackageURL: purl}
		edges[ref] = append(edges[ref], purl)
		edges[purl] = nil
	}
}

func (d dependency) component() cyclonedx.Component {
	return cyclonedx.Component{
		BOMRef: "dependency:" + d.name + "@" + d.version, Type: cyclonedx.ComponentTypeApplication, Name: d.name, Version: d.version,
		Hashes:             &[]cyclonedx.Hash{{Algorithm: cyclonedx.HashAlgoSHA256, Value: d.sha256}},
		ExternalReferences: &[]cyclonedx.ExternalReference{{Type: cyclonedx.ERTypeDistribution, URL: d.uri}},
	}
}

// packageURL is the name of a Go module by which vulnerabilities are looked up (package-url). A plus
// in a version is escaped, as its specification wants.
func packageURL(path, version string) string {
	purl := "pkg:golang/" + path
	if version != "" {
		purl = fmt.Sprintf("%s@%s", purl, strings.ReplaceAll(url.PathEscape(version), "+", "%2B"))
	}
	return purl
}

// dependenciesOf lists what each part consists of, in a fixed order.
func dependenciesOf(edges map[string][]string) *[]cyclonedx.Dependency {
	all := []cyclonedx.Dependency{}
	for ref, needed := range edges {
		slices.Sort(needed)
		needed = slices.Compact(needed)
		all = append(all, cyclonedx.Dependency{Ref: ref, Dependencies: &needed})
	}
	slices.SortFunc(all, func(a, b cyclonedx.Dependency) int { return cmp.Compare(a.Ref, b.Ref) })
	return &all
}
