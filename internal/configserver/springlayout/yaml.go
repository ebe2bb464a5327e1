package springlayout

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/yamlbounds"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/yamlerror"
)

// maxDepth limits how deeply a YAML file may be nested.
const maxDepth = 100

// parseYAML returns the documents of a YAML file with flat keys, as Spring Boot's OriginTrackedYamlLoader does.
// Empty documents do not count.
func parseYAML(path string, content []byte) ([]*values, error) {
	content = laterVersion.ReplaceAll(asUTF8(content), []byte("%YAML 1.1$1"))
	if values := maxNodes(content); values > maxValues {
		return nil, fmt.Errorf("%s: found a file with up to %d values; expected at most %d", path, values, maxValues)
	}
	documents, err := decodeYAML(path, content)
	if joined := surrogates(content); err != nil && !bytes.Equal(joined, content) {
		return decodeYAML(path, joined)
	}
	return documents, err
}

// laterVersion matches a directive for a YAML version that the parser does not know. Spring's parser treats it
// as 1.1.
var laterVersion = regexp.MustCompile(`(?m)^%YAML 1\.[0-9]+([ \t]*(?:#.*)?\r?\n(?:[%#].*\n)*---)`)

var surrogatePair = regexp.MustCompile(`\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})`)

// surrogates joins JSON's two escapes for a character outside the basic plane, which the parser rejects.
func surrogates(content []byte) []byte {
	return surrogatePair.ReplaceAllFunc(content, func(pair []byte) []byte {
		high, _ := strconv.ParseUint(string(pair[2:6]), 16, 16)
		low, _ := strconv.ParseUint(string(pair[8:12]), 16, 16)
		return fmt.Appendf(nil, `\U%08X`, utf16.DecodeRune(rune(high), rune(low)))
	})
}

func decodeYAML(path string, content []byte) ([]*values, error) {
	var documents []*values
	for decoder := yaml.NewDecoder(bytes.NewReader(content)); ; {
		var root yaml.Node
		err := decoder.Decode(&root)
		if errors.Is(err, io.EOF) {
			return documents, nil
		}
		if err != nil {
			return nil, yamlerror.Wrap(path, content, err)
		}
		document, err := flatDocument(&root)
		if err != nil {
			return nil, fmt.Errorf("%s:%w", path, err)
		}
		if document != nil {
			documents = append(documents, document)
		}
	}
}

// maxNodes returns an upper bound for the nodes of a document: each needs a character that separates it from the
// previous one. A node takes a hundred times as much memory as it does in the file.
func maxNodes(content []byte) int {
	count := 1
	for _, char := range content {
		switch char {
		case '\n', ',', ':', '[', '{', '?', '-', '\r':
			count++
		}
	}
	return count
}

// asUTF8 decodes content that starts with UTF-16's byte order mark.
func asUTF8(content []byte) []byte {
	if len(content) < 2 || len(content)%2 != 0 {
		return content
	}
	little, big := content[0] == 0xff && content[1] == 0xfe, content[0] == 0xfe && content[1] == 0xff
	if !little && !big {
		return content
	}
	units := make([]uint16, 0, len(content)/2)
	for i := 2; i < len(content); i += 2 {
		low, high := content[i], content[i+1]
		if big {
			low, high = high, low
		}
		units = append(units, uint16(high)<<8|uint16(low))
	}
	return []byte(string(utf16.Decode(units)))
}

// flatDocument returns a document with flat keys, or nil if it is empty.
func flatDocument(root *yaml.Node) (*values, error) {
	if root.Kind != yaml.DocumentNode || len(root.Content) == 0 {
		return nil, nil
	}
	if excess := yamlbounds.Excess(root, maxValues); excess != nil {
		return nil, lineError(excess, "found a document that comes to more than %d values once its aliases are followed; expected fewer", maxValues)
	}
	top := root.Content[0]
	f := &flattener{values: newValues()}
	if top.Kind == yaml.MappingNode {
		if err := f.mapping("", top, 0); err != nil {
			return nil, err
		}
		return f.values, nil
	}
	if err := f.value("document", top, 0); err != nil {
		return nil, err
	}
	if text, is := f.values.byKey["document"].(string); is && text == "" {
		return nil, nil
	}
	return f.values, nil
}

type flattener struct {
	values *values
	lists  int // how many lists the current value is in
}

// mapping adds the entries of a mapping below a path. An empty mapping leaves no trace.
//
// In a list, all keys must be text: there, Spring's loader converts no others, and fails (spring-beans,
// YamlProcessor.asMap).
func (f *flattener) mapping(path string, node *yaml.Node, depth int) error {
	entries, err := entriesOf(node, 0)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if f.lists > 0 && entry.key.kind != "text" {
			return lineError(node, "found a key in a list that YAML does not read as text, such as 404 or true; expected text: put it in quotes")
		}
		key := entry.key.property()
		if strings.TrimSpace(path) != "" && strings.HasPrefix(key, "[") {
			key = path + key
		} else if strings.TrimSpace(path) != "" {
			key = path + "." + key
		}
		if err := f.value(key, entry.value, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (f *flattener) value(path string, node *yaml.Node, depth int) error {
	if f.values.isTooLarge() {
		return nil // the reader rejects that
	}
	if depth > maxDepth {
		return lineError(node, "found values nested more than %d deep; expected fewer", maxDepth)
	}
	switch node.Kind {
	case yaml.AliasNode:
		return f.value(path, node.Alias, depth+1)
	case yaml.MappingNode:
		if isSet(node) {
			return f.set(path, node)
		}
		return f.mapping(path, node, depth)
	case yaml.SequenceNode:
		return f.sequence(path, node, depth)
	}
	value, err := scalar(node)
	if value == nil {
		value = ""
	}
	f.values.put(path, value)
	return err
}

func (f *flattener) sequence(path string, node *yaml.Node, depth int) error {
	if len(node.Content) == 0 {
		f.values.put(path, "")
	}
	if node.ShortTag() == "!!omap" {
		for _, pair := range node.Content {
			if err := f.value(path, pair, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	if tag := node.ShortTag(); tag != "!!seq" {
		return unknownTag(node)
	}
	f.lists++
	defer func() { f.lists-- }()
	for i, item := range node.Content {
		if err := f.value(path+"["+strconv.Itoa(i)+"]", item, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func isSet(node *yaml.Node) bool { return node.ShortTag() == "!!set" }

// set adds the members of a set, which are the keys of a mapping, as a list.
func (f *flattener) set(path string, node *yaml.Node) error {
	for i := 0; i+1 < len(node.Content); i += 2 {
		value, err := scalar(node.Content[i])
		if err != nil {
			return err
		}
		f.values.put(path+"["+strconv.Itoa(i/2)+"]", value)
	}
	return nil
}
