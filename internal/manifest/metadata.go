package manifest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Cloud Controller's limits for metadata, in characters: of a key and of a label's value, of a
// key's prefix, and of an annotation.
const (
	maxLabelLength      = 63
	maxPrefixLength     = 253
	maxAnnotationLength = 5000
)

var (
	labelForeign = regexp.MustCompile(`[^\w\-.]`)
	labelEnds    = regexp.MustCompile(`^[a-zA-Z\d](?:.*[a-zA-Z\d])?$`)
	domain       = regexp.MustCompile(`(?i)^(?:(?:[a-z0-9]|[a-z0-9][a-z0-9-]{0,61}[a-z0-9])\.)+(?:[a-z0-9]|[a-z0-9][a-z0-9-]{0,61}[a-z0-9])$`)
)

func (r *reader) metadata(f fields) {
	value, _ := f.get("metadata")
	metadata, isMapping := value.(object)
	if value != nil && !isMapping {
		r.refuse(f.path("metadata"), "Metadata must be an object", show(value), "a mapping with the keys labels and annotations")
	}
	var unexpected []string
	for _, m := range metadata {
		key := text(m.key)
		path := f.path("metadata", key)
		members, isMapping := m.value.(object)
		switch {
		case key != "labels" && key != "annotations":
			unexpected = append(unexpected, "'"+key+"'")
		case m.value != nil && m.value != false && !isMapping:
			r.refuse(path, fmt.Sprintf("Metadata '%s' is not an object", key), show(m.value), "a mapping of names to values")
		case key == "labels":
			r.labels(path, members)
		default:
			r.annotations(path, members)
		}
	}
	if len(unexpected) > 0 {
		r.refuse(f.path("metadata"), "Metadata has unexpected field(s): "+strings.Join(unexpected, " "), "", "the keys labels and annotations alone")
	}
}

func (r *reader) labels(path []any, labels object) {
	for _, m := range labels {
		key, value := text(m.key), text(m.value)
		at := append(slices.Clone(path), key)
		if complaint := metadataKey(key); complaint != "" {
			r.refuse(at, "Metadata label key error: "+complaint, "", "")
		}
		if complaint := labelText(value); value != "" && complaint != "" {
			r.refuse(at, "Metadata label value error: "+complaint, "", "")
		}
	}
}

func (r *reader) annotations(path []any, annotations object) {
	for _, m := range annotations {
		key, value := text(m.key), text(m.value)
		at := append(slices.Clone(path), key)
		if complaint := metadataKey(key); !blank(m.value) && complaint != "" {
			r.refuse(at, "Metadata annotation key error: "+complaint, "", "")
		}
		switch m.value.(type) {
		case bool, float64:
			r.fail(at, "undefined method `size' for "+value, m.value, "text"+quotes(m.value))
		case string:
			if utf8.RuneCountInString(value) <= maxAnnotationLength {
				continue
			}
			r.refuse(at, fmt.Sprintf("Metadata annotation value error: '%s...' is greater than %d characters", start(value), maxAnnotationLength), "", "")
		}
	}
}

// metadataKey returns what is wrong with a key, which may have a prefix, as in example.com/name; or
// "".
func metadataKey(key string) string {
	prefix, name, hasPrefix := strings.Cut(key, "/")
	if !hasPrefix {
		name = key
	}
	switch {
	case blank(key):
		return "key cannot be empty string"
	case strings.Contains(name, "/"):
		return "key has more than one '/'"
	case hasPrefix && !domain.MatchString(prefix):
		return fmt.Sprintf("prefix '%s' must be in valid dns format", prefix)
	case hasPrefix && utf8.RuneCountInString(prefix) > maxPrefixLength:
		return fmt.Sprintf("prefix '%s...' is greater than %d characters", start(prefix), maxPrefixLength)
	case hasPrefix && strings.EqualFold(prefix, "cloudfoundry.org"):
		return "prefix 'cloudfoundry.org' is reserved"
	case blank(name):
		return "key cannot be empty string"
	default:
		return labelText(name)
	}
}

// labelText returns what is wrong with the name of a key, or with a label's value; or "".
func labelText(text string) string {
	switch {
	case labelForeign.MatchString(text):
		return fmt.Sprintf("'%s' contains invalid characters", text)
	case !labelEnds.MatchString(text):
		return fmt.Sprintf("'%s' starts or ends with invalid characters", text)
	case utf8.RuneCountInString(text) > maxLabelLength:
		return fmt.Sprintf("'%s...' is greater than %d characters", start(text), maxLabelLength)
	default:
		return ""
	}
}

// start returns the beginning of a text that is too long.
func start(text string) string {
	characters := []rune(text)
	return string(characters[:min(8, len(characters))])
}
