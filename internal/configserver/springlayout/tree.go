// Package springlayout reads configuration out of a tree of files as Spring's configuration server
// does: application.yml, APP.yml, APP-PROFILE.yml and their like in YAML, .properties and XML, with
// several documents in a file, profiles, and imports of other files of the tree.
//
// The facts are those of spring-cloud-config 5.0 (AbstractScmAccessor, NativeEnvironmentRepository,
// EnvironmentCleaner) and of Spring Boot 4.0 (package org.springframework.boot.context.config and
// its YAML and properties loaders), compared with the answers of the real server.
package springlayout

// A Tree is a directory with everything in it. Paths have slashes in between, none at the ends,
// and no . and .. in them; the empty path is the tree itself.
type Tree interface {
	// File returns a file's content, and nil if there is no file at the path. Its error names the
	// file where it is larger than the tree hands out.
	File(path string) ([]byte, error)
	// Folders are the names of the folders in a folder, sorted; none if it is not there.
	Folders(path string) ([]string, error)
	// IsFolder tells whether there is a folder at the path.
	IsFolder(path string) (bool, error)
}

// A Layout has a server's settings for a tree of files.
type Layout struct {
	// URI is that of the repository, without credentials. Names of property sources begin with it.
	URI string
	// Directory is where the tree is on the disk of a Spring server. It shows in the names that
	// Spring gives to the documents of a file with several.
	Directory string
	// SearchPaths are folders to look into in addition to the tree itself; a later one wins. They
	// may have {application}, {profile} and {label} in them, and the wildcards *, ** and ?.
	SearchPaths []string
	// CloudPlatform is what spring.config.activate.on-cloud-platform is compared with, such as
	// CLOUD_FOUNDRY, unless a file sets spring.main.cloud-platform.
	CloudPlatform string
}
