package springlayout

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// document is one document of a file, with flat keys.
type document struct {
	path     string // of the file
	location string // the folder or file that led to it, in Spring's form
	number   int    // from 0 in a file with several documents, else -1
	values   *values

	// profileSpecific means that the file is for one profile: APP-PROFILE.yml.
	profileSpecific bool
	// mayMove means that this imported document moves together with the profile-specific ones.
	mayMove bool

	imports       []string
	onProfile     []string
	onPlatform    string
	before, after []*document // the documents that it imports, found before and after profiles were known
	importedEarly bool        // whether before is complete
	importedLate  bool        // whether after is complete
}

// uniform returns a key in the form that Spring Boot compares: in lower case, with only letters and digits
// between the dots.
func uniform(key string) string {
	return strings.Map(func(char rune) rune {
		switch {
		case char >= 'A' && char <= 'Z':
			return char - 'A' + 'a'
		case char == '.' || char == '[' || char == ']' || char >= 'a' && char <= 'z' || char >= '0' && char <= '9':
			return char
		}
		return -1
	}, key)
}

// property returns what Spring Boot finds for one of its own keys, such as spring.config.import, and whether the
// document has it.
func (d *document) property(key string) (text string, found bool) {
	if value, has := d.values.byKey[key]; has {
		return textOf(value), true
	}
	wanted := uniform(key)
	for name, value := range d.values.byKey {
		if len(name) >= len(wanted) && uniform(name) == wanted {
			return textOf(value), true
		}
	}
	return "", false
}

// list returns the value of a key as a list: text with commas, or items KEY[0], KEY[1], and so on.
func (d *document) list(key string) []string {
	var items []string
	if text, found := d.property(key); found {
		if text == "" {
			return nil
		}
		items = strings.Split(text, ",")
	}
	for i := len(items); len(items) == i; i++ {
		if text, found := d.property(key + "[" + strconv.Itoa(i) + "]"); found {
			items = append(items, text)
		}
	}
	for i := range items {
		items[i] = strings.TrimSpace(items[i])
	}
	return items
}

// groups returns the profile groups that a document defines: spring.profiles.group.NAME.
func (d *document) groups() map[string][]string {
	const prefix = "spring.profiles.group."
	groups := map[string][]string{}
	for key := range d.values.byKey {
		name, is := strings.CutPrefix(key, prefix)
		name, _, _ = strings.Cut(name, "[")
		if is && name != "" {
			groups[name] = d.list(prefix + name)
		}
	}
	return groups
}

// check rejects keys that Spring Boot rejects. ignoresProfiles means that those for profiles have no effect in
// this request.
func (d *document) check(ignoresProfiles bool) error {
	has := func(keys ...string) string {
		for _, key := range keys {
			for _, form := range []string{key, key + "[0]"} {
				if _, found := d.property(form); found {
					return key
				}
			}
		}
		return ""
	}
	if key := has("spring.profiles"); key != "" {
		return fmt.Errorf("%s: found the key %q, which Spring no longer reads; expected spring.config.activate.on-profile", d.path, key)
	}
	if key := has("spring.profiles.include", "spring.profiles.active", "spring.profiles.default"); key != "" && d.profileSpecific && !ignoresProfiles {
		return fmt.Errorf("%s: found the key %q in a file for a profile; expected it in a file for all profiles", d.path, key)
	}
	return nil
}

// isActive reports whether the conditions of a document hold. Until the profiles are known (nil), no condition
// on them holds.
func (d *document) isActive(platform string, profiles []string) (bool, error) {
	if d.onPlatform != "" && d.onPlatform != platform {
		return false, nil
	}
	if len(d.onProfile) == 0 {
		return true, nil
	}
	for _, expression := range d.onProfile {
		matches, err := matchesProfiles(expression, profiles)
		if err != nil {
			return false, fmt.Errorf("%s: spring.config.activate.on-profile: %w", d.path, err)
		}
		if matches && profiles != nil {
			return true, nil
		}
	}
	return false, nil
}

// platforms lists the possible values of on-cloud-platform, without hyphens and underscores.
var platforms = []string{"NONE", "CLOUDFOUNDRY", "HEROKU", "SAP", "NOMAD", "KUBERNETES", "AZUREAPPSERVICE"}

// platformOf returns a cloud platform in a form that can be compared.
func platformOf(text string) (string, error) {
	platform := strings.ToUpper(uniform(text))
	if platform != "" && !slices.Contains(platforms, platform) {
		return "", fmt.Errorf("found an unknown cloud platform; expected one of none, cloud-foundry, heroku, sap, nomad, kubernetes and azure-app-service")
	}
	return platform, nil
}

func textOf(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case bool:
		return strconv.FormatBool(value)
	case json.Number:
		return value.String()
	default:
		return ""
	}
}
