package springlayout

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// maxFolders limits the folders that the search paths of one request may match.
const maxFolders = 1000

// locations returns the folders to search; later ones win: the tree itself, then each search path, with its
// placeholders replaced for each profile and application.
func (l Layout) locations(tree Tree, request environment.Request, label string) ([]string, error) {
	found := []string{""}
	for _, pattern := range l.SearchPaths {
		for _, profile := range request.Profiles {
			for application := range strings.SplitSeq(request.Application, ",") {
				filled := strings.NewReplacer("{application}", application, "{profile}", profile, "{label}", label).Replace(pattern)
				folders, err := matching(tree, strings.Trim(filled, "/"))
				if err != nil {
					return nil, err
				}
				for _, folder := range folders {
					if !slices.Contains(found, folder) {
						found = append(found, folder)
					}
				}
				if len(found) > maxFolders {
					return nil, fmt.Errorf("the search paths come to more than %d folders", maxFolders)
				}
			}
		}
	}
	return found, nil
}

// matching returns the folders of a tree that match a pattern, sorted, or the folder itself if there is no
// wildcard. A path that leads out of the tree matches nothing.
func matching(tree Tree, pattern string) ([]string, error) {
	clean := path.Clean(pattern)
	if pattern == "" || clean == "." {
		return []string{""}, nil
	}
	if clean == ".." || strings.HasPrefix(clean, "../") {
		return nil, nil
	}
	if !strings.ContainsAny(clean, "*?") {
		is, err := tree.IsFolder(clean)
		if !is || err != nil {
			return nil, err
		}
		return []string{clean}, nil
	}
	return walk(tree, "", strings.Split(clean, "/"))
}

// walk finds the folders below a folder that match the rest of a pattern.
func walk(tree Tree, folder string, segments []string) ([]string, error) {
	if len(segments) == 0 {
		return []string{folder}, nil
	}
	var found []string
	if segments[0] == "**" {
		here, err := walk(tree, folder, segments[1:])
		if err != nil {
			return nil, err
		}
		found = here
	}
	folders, err := tree.Folders(folder)
	if err != nil {
		return nil, err
	}
	for _, name := range folders {
		rest := segments[1:]
		if segments[0] == "**" {
			rest = segments
		} else if !wildcard(segments[0], name) {
			continue
		}
		below, err := walk(tree, path.Join(folder, name), rest)
		if err != nil {
			return nil, err
		}
		if found = append(found, below...); len(found) > maxFolders {
			return nil, fmt.Errorf("the search paths come to more than %d folders", maxFolders)
		}
	}
	return found, nil
}

// wildcard reports whether a name matches a pattern with * and ?.
func wildcard(pattern, name string) bool {
	quoted := strings.NewReplacer(`\`, `\\`, "[", `\[`).Replace(pattern)
	matches, err := path.Match(quoted, name)
	return matches && err == nil
}

// shows reports whether a file is in one of the folders to search: an import may lead elsewhere, and Spring's
// server omits such files.
func (l Layout) shows(file string, locations []string) bool {
	return slices.ContainsFunc(locations, func(folder string) bool {
		return folder == "" || strings.HasPrefix(file, folder+"/")
	})
}

// configNames returns the file names for the requested applications: application always, and first, so that all
// others win.
func configNames(application string) ([]string, error) {
	names := []string{"application"}
	for name := range strings.SplitSeq(application, ",") {
		if strings.Contains(name, "*") {
			return nil, fmt.Errorf("found an application with * in its name; expected a name")
		}
		if name = strings.TrimSpace(name); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names, nil
}
