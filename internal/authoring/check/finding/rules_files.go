package finding

// The identifiers of the rules for the files of a buildpack.
const (
	SupplyMissing     = "supply-missing"
	OnlyLast          = "only-last"
	NotExecutable     = "bin-not-executable"
	CannotRun         = "bin-cannot-run"
	NotLast           = "never-last"
	ArchiveUnsafe     = "archive-unsafe"
	LinkDangling      = "link-dangling"
	LinkOutside       = "link-outside"
	SpecialFile       = "special-file"
	WorldWritable     = "world-writable"
	ManifestMissing   = "manifest-missing"
	ManifestSyntax    = "manifest-syntax"
	ManifestLanguage  = "manifest-language"
	ManifestStack     = "manifest-stack"
	VersionInvalid    = "version-invalid"
	IncludeMissing    = "include-files-missing"
	IncludeIncomplete = "include-files-incomplete"
	IncludeDiffers    = "include-files-differ"
	PrePackage        = "pre-package-missing"
	DependencyField   = "dependency-incomplete"
	DependencySum     = "dependency-sha256"
	DependencyURI     = "dependency-uri"
	DependencyStack   = "dependency-stack"
	StackNext         = "stack-cflinuxfs5"
	DependencyTwice   = "dependency-twice"
	DefaultVersion    = "default-version"
	DeprecationDate   = "deprecation-date"
	ProfileExclude    = "packaging-profile"
	CatalogSyntax     = "catalog-syntax"
	CatalogInvalid    = "catalog-invalid"
	CatalogUnknown    = "catalog-dependency"
	CatalogTemplate   = "catalog-template"
)

var fileRules = []Rule{
	{SupplyMissing, Error, cf("CF-01"), "the platform has nothing to run", "a program bin/supply: the platform runs no other of a buildpack that is not the last"},
	{OnlyLast, Warning, cf("CF-01"), "it can only be the last buildpack", "a program bin/supply, for pushes that name another buildpack behind it"},
	{NotExecutable, Error, cf("CF-01"), "a program in bin is not executable", "mode 0755, and a zip made by a tool that keeps modes"},
	{CannotRun, Error, cf("CF-01"), "a program in bin cannot be run on the stack", "a script that begins with #! and its interpreter, or a program for Linux on amd64"},
	{NotLast, Note, cf("CF-01"), "it can never be the last buildpack", "for a push that names no other: bin/finalize, and bin/release that prints the process types"},
	{ArchiveUnsafe, Error, cf("CF-03"), "the archive cannot be unpacked", "an archive whose entries stay below its root, are files, directories and links, and fit into a staging container"},
	{LinkDangling, Warning, cf("CF-03"), "a symbolic link leads nowhere", "a link to a file of the buildpack, or none"},
	{LinkOutside, Error, cf("CF-03"), "a symbolic link leads out of the buildpack", "a relative link to a file of the buildpack: it is unpacked into a directory of another name each time"},
	{SpecialFile, Error, cf("CF-03"), "a file is neither a regular file, a directory nor a symbolic link", "regular files, directories and links alone"},
	{WorldWritable, Warning, cf("CF-03"), "everybody may write to a file", "mode 0644, or 0755 for programs"},
}

var manifestRules = []Rule{
	{ManifestMissing, Note, nil, "buildpack-packager cannot package it", "language, dependencies and include_files in this file, if packages are to be made"},
	{ManifestSyntax, Error, nil, "buildpack-packager cannot read manifest.yml", "YAML as buildpack-packager reads it"},
	{ManifestLanguage, Error, nil, "manifest.yml has no usable language", "language: NAME, by which the package is called NAME_buildpack, and by which override.yml refers to it"},
	{ManifestStack, Error, nil, "manifest.yml is for a stack that the platform no longer has", "stack: cflinuxfs4 or cflinuxfs5, in a package, and no stack in the sources: the packager writes it"},
	{VersionInvalid, Error, nil, "VERSION has no version", "one line, such as 1.2.3, of letters, digits and .+_~-: it is part of the package's name"},
	{IncludeMissing, Error, nil, "include_files names a file that is not there", "the names of files that are there, or that pre_package, scripts/build.sh or scripts/package.sh makes"},
	{IncludeIncomplete, Error, nil, "include_files leaves out what the buildpack needs", "manifest.yml and bin/supply in include_files: a package has nothing else"},
	{IncludeDiffers, Warning, nil, "include_files leaves out programs of bin", "all programs that the platform runs in include_files, or in neither: otherwise, a package behaves unlike its repository"},
	{PrePackage, Error, nil, "pre_package names a program that cannot be run", "the path of an executable file in the buildpack"},
	{DependencyField, Error, nil, "a dependency is incomplete", "name, version, uri, sha256 and cf_stacks for each dependency"},
	{DependencySum, Error, nil, "a dependency has no valid sha256", "sha256: 64 hexadecimal digits, by which packager and installer verify the file"},
	{DependencyURI, Warning, nil, "a dependency comes by an insecure or unusable address", "an address that starts with https://"},
	{DependencyStack, Error, nil, "a dependency is for no stack that the platform still has", "cf_stacks: [cflinuxfs4, cflinuxfs5]"},
	{StackNext, Warning, nil, "a dependency is not for cflinuxfs5", "cflinuxfs5 in cf_stacks, if the dependency runs there: on a stack without it, it is not found"},
	{DependencyTwice, Warning, nil, "a dependency is there twice", "one entry for each name, version and stack"},
	{DefaultVersion, Error, nil, "default_versions does not lead to exactly one dependency", "one entry for each name, with a version that a dependency has for each stack"},
	{DeprecationDate, Error, nil, "a deprecation has no valid date", "date: YYYY-MM-DD: with another one, libbuildpack does not install the dependency"},
	{ProfileExclude, Error, nil, "a packaging profile cannot be used", "names of [a-z0-9_-] for profiles, and names of dependencies in exclude"},
}

var catalogRules = []Rule{
	{CatalogSyntax, Error, nil, "buildpack.toml is not TOML", "TOML 1.0"},
	{CatalogInvalid, Error, cf("CF-27", "CF-30"), "an entry of the catalog is not valid", "what docs/catalog.md says of catalogs"},
	{CatalogUnknown, Error, nil, "the catalog names a dependency or a program that the buildpack does not have", "the name of a dependency of manifest.yml, or of a program in bin"},
	{CatalogTemplate, Error, nil, "a file of a sidecar can never be written", "a template that docs/bindings.md describes, or the path of a file of the buildpack: the sidecar fails at every start"},
}
