package springlayout

import (
	"fmt"
	"slices"
	"strings"
)

// activeDocuments reads the files for a request, and the files that they import, first without and then with
// their profiles. It returns the documents whose conditions hold, in order of precedence.
func (r *reader) activeDocuments(folders, requested []string) ([]*document, error) {
	for _, profile := range requested {
		if err := checkProfile(profile); err != nil {
			return nil, err
		}
	}
	root := &document{}
	at := make([]location, len(folders))
	for i, folder := range folders {
		at[i] = location{name: strings.TrimPrefix(folder+"/", "/"), path: folder}
	}
	if err := r.expand(root, references(r.names, at, nil), false); err != nil {
		return nil, err
	}
	platform, err := r.platform()
	if err != nil {
		return nil, err
	}
	if err := r.importAll(root, platform, nil); err != nil {
		return nil, err
	}
	// If only the default profile is requested, files do not add others.
	ignores := len(requested) == 0 || strings.EqualFold(requested[0], "default")
	profiles, err := r.profiles(root, requested, platform, ignores)
	if err != nil {
		return nil, err
	}
	if err := r.importAll(root, platform, profiles); err != nil {
		return nil, err
	}
	if err := r.expand(root, references(r.names, at, profiles), true); err != nil {
		return nil, err
	}
	if err := r.importAll(root, platform, profiles); err != nil {
		return nil, err
	}
	var active []*document
	for _, d := range root.all() {
		if d == root {
			continue
		}
		if err := d.check(ignores); err != nil {
			return nil, err
		}
		is, err := d.isActive(platform, profiles)
		if err != nil {
			return nil, err
		}
		if is {
			active = append(active, d)
		}
	}
	return active, nil
}

// platform returns the cloud platform for conditions.
func (r *reader) platform() (string, error) {
	for _, d := range r.documents {
		if stated, found := d.property("spring.main.cloud-platform"); found {
			platform, err := platformOf(stated)
			if err != nil {
				return "", fmt.Errorf("%s: spring.main.cloud-platform: %w", d.path, err)
			}
			return platform, nil
		}
	}
	platform, err := platformOf(r.layout.CloudPlatform)
	if platform == "" {
		platform = "NONE"
	}
	return platform, err
}

// profiles returns the active profiles: the requested ones, those that files include, and those of groups.
func (r *reader) profiles(root *document, requested []string, platform string, ignores bool) ([]string, error) {
	profiles := slices.Clone(requested)
	groups := map[string][]string{}
	for _, d := range root.all() {
		if d == root || ignores {
			continue
		}
		active, err := d.isActive(platform, nil)
		if err != nil {
			return nil, err
		}
		included := d.list("spring.profiles.include")
		if !active && len(included)+len(d.list("spring.profiles.active")) > 0 {
			return nil, fmt.Errorf("%s: found spring.profiles.include or spring.profiles.active in a document for some profiles; expected it in one for all", d.path)
		}
		profiles = append(profiles, included...)
		if active {
			for name, members := range d.groups() {
				if _, stated := groups[name]; !stated {
					groups[name] = members
				}
			}
		}
	}
	profiles = expandProfiles(profiles, groups)
	for _, profile := range profiles {
		if err := checkProfile(profile); err != nil {
			return nil, err
		}
	}
	if len(profiles) == 0 {
		profiles = []string{"default"}
	}
	return profiles, nil
}

// all returns a document and all that it imports, in order of precedence.
func (d *document) all() []*document {
	var all []*document
	for _, children := range [][]*document{d.after, d.before} {
		for _, child := range children {
			all = append(all, child.all()...)
		}
	}
	return append(all, d)
}

// importAll follows the imports of all documents whose conditions hold, including those that it finds on the
// way. profiles is nil until they are known.
func (r *reader) importAll(root *document, platform string, profiles []string) error {
	for {
		next, err := r.nextImport(root, platform, profiles)
		if next == nil || err != nil {
			return err
		}
		imported, err := importsOf(next, r.names, profiles)
		if err != nil {
			return err
		}
		if err := r.expand(next, imported, profiles != nil); err != nil {
			return err
		}
	}
}

func (r *reader) nextImport(root *document, platform string, profiles []string) (*document, error) {
	for _, d := range root.all() {
		done := d.importedEarly
		if profiles != nil {
			done = d.importedLate
		}
		if done || len(d.imports) == 0 {
			continue
		}
		active, err := d.isActive(platform, profiles)
		if active || err != nil {
			return d, err
		}
	}
	return nil, nil
}

// expand adds the documents in files below a document. Once profiles are known, it moves the profile-specific
// documents among its grandchildren up to it.
func (r *reader) expand(d *document, files []reference, late bool) error {
	loaded, err := r.load(files)
	if err != nil {
		return err
	}
	if !late {
		d.before, d.importedEarly = loaded, true
		return nil
	}
	d.after, d.importedLate = append(d.takeSpecific(), loaded...), true
	return nil
}

// takeSpecific removes and returns the profile-specific documents that the early imports of a document led to.
func (d *document) takeSpecific() []*document {
	var taken []*document
	for _, child := range d.before {
		for _, children := range []*[]*document{&child.before, &child.after} {
			*children = slices.DeleteFunc(*children, func(grandchild *document) bool {
				if !grandchild.mayMove {
					return false
				}
				grandchild.mayMove = false
				taken = append(taken, grandchild)
				return true
			})
		}
	}
	return taken
}
