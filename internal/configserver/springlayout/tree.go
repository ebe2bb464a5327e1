// Package springlayout reads configuration out of a tree of files as Spring's configuration server
// does: application.yml, APP.yml, APP-PROFILE.yml and their like in YAML, .properties and XML, with
// several documents in a file, profiles, and imports of other files of the tree.
//
// The facts are those of spring-cloud-config 5.0 (AbstractScmAccessor, NativeEnvironmentRepository,
// EnvironmentCleaner) and of Spring Boot 4.0 (package org.springframework.boot.context.config and
// its YAML and properties loaders), compared with the answers of the real server.
package springlayout

// Tree is a directory with everything below it. Paths use slashes, without leading or trailing ones, and contain
// neither "." nor ".."; the empty path is the tree itself.
type Tree interface {
	// File returns a file's content, or nil if there is no file at the path. It fails with an error that names
	// the file if the file exceeds the tree's limit.
	File(path string) ([]byte, error)
	// Folders returns the names of the folders in a folder, sorted, or none if it does not exist.
	Folders(path string) ([]string, error)
	// IsFolder reports whether there is a folder at the path.
	IsFolder(path string) (bool, error)
}

// Layout has a server's settings for a tree of files.
type Layout struct {
	// URI is the repository's address, without credentials. Names of property sources start with it.
	URI string
	// Directory is where a Spring server would have the tree on disk. It appears in the names that Spring gives
	// to documents of files with several.
	Directory string
	// SearchPaths are folders to search in addition to the tree itself; later ones win. They may contain
	// {application}, {profile} and {label}, and the wildcards *, ** and ?.
	SearchPaths []string
	// CloudPlatform is compared with spring.config.activate.on-cloud-platform, such as CLOUD_FOUNDRY, unless a
	// file sets spring.main.cloud-platform.
	CloudPlatform string
}
