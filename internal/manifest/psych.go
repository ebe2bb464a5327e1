package manifest

import (
	"fmt"
	"math"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

var (
	infinity   = math.Inf(1)
	notANumber = math.NaN()
)

// How Ruby's YAML reads a plain scalar (psych 5.4, lib/psych/scalar_scanner.rb). Only scalars that
// the cf CLI does not quote arrive plain, so times of day, such as 1:30, need no rule here.
var (
	psychText  = regexp.MustCompile(`^[^\d.:-]?[\p{L}\p{M}\p{Nl}_\s!@#$%^&*(){}<>|/\\~;=]+`)
	psychTrue  = regexp.MustCompile(`^(?i:yes|true|on)$`)
	psychFalse = regexp.MustCompile(`^(?i:no|false|off)$`)
	psychTime  = regexp.MustCompile(`^-?\d{4}-\d{1,2}-\d{1,2}(?:[Tt]|\s+)\d{1,2}:\d\d:\d\d(?:\.\d*)?(?:\s*(?:Z|[-+]\d{1,2}:?(?:\d\d)?))?$`)
	psychDate  = regexp.MustCompile(`^\d{4}-(?:1[012]|0\d|\d)-(?:[12]\d|3[01]|0\d|\d)$`)
	psychFloat = regexp.MustCompile(`^[-+]?([0-9][0-9_,]*)?\.[0-9]*([eE][-+][0-9]+)?$`)
	psychInt   = regexp.MustCompile(`^[-+]?(?:0b_*[01][01_]*|0_*[0-7][0-7_]*|0|[1-9][0-9_]*|0x_*[0-9a-fA-F][0-9a-fA-F_]*)$`)
	psychPoint = regexp.MustCompile(`\.([Ee]|$)`)
)

// longestWord is the maximum length of a plain text that Ruby's YAML compares with words such as
// false.
const longestWord = 5

// scalar returns the value of a plain scalar: nil, bool, *big.Int, float64 or string. The error is
// a Ruby class that Cloud Controller does not allow in a manifest.
func scalar(text string) (any, error) {
	switch {
	case text == "":
		return nil, nil
	case psychText.MatchString(text):
		return word(text), nil
	case psychTime.MatchString(text):
		return nil, disallowed("Time")
	case psychDate.MatchString(text):
		return nil, disallowed("Date")
	case len(text) > 1 && text[0] == ':':
		return nil, disallowed("Symbol")
	}
	switch strings.ToLower(text) {
	case ".inf", "+.inf":
		return infinity, nil
	case "-.inf":
		return -infinity, nil
	case ".nan":
		return notANumber, nil
	}
	switch {
	case psychFloat.MatchString(text) && strings.Trim(text, "+-") != ".":
		return float(text)
	case psychInt.MatchString(text):
		number, ok := new(big.Int).SetString(strings.ReplaceAll(strings.TrimPrefix(text, "+"), "_", ""), 0)
		if ok {
			return number, nil
		}
	}
	return text, nil
}

func disallowed(class string) error {
	return fmt.Errorf("Tried to load unspecified class: %s", class) //lint:ignore ST1005 Ruby's own words
}

func word(text string) any {
	switch {
	case len(text) > longestWord:
		return text
	case text == "~" || strings.EqualFold(text, "null"):
		return nil
	case psychTrue.MatchString(text):
		return true
	case psychFalse.MatchString(text):
		return false
	default:
		return text
	}
}

func float(text string) (any, error) {
	digits := psychPoint.ReplaceAllString(strings.NewReplacer(",", "", "_", "").Replace(text), "$1")
	number, err := strconv.ParseFloat(digits, 64)
	if number == 0 && err != nil {
		return nil, fmt.Errorf("invalid value for Float(): %q", digits)
	}
	return number, nil // or infinite, as in Ruby
}

// An object is a mapping in its order, with keys as Ruby reads them.
type object []member

type member struct {
	key   any
	value any
}

// get returns the value of a key.
func (o object) get(key string) (any, bool) {
	for _, m := range o {
		if m.key == key {
			return m.value, true
		}
	}
	return nil, false
}

// A classError is a value of a class that Cloud Controller does not load.
type classError struct {
	error
	path []any
	text string
}

// An encodingError is a text that is not UTF-8, which only a !!binary can be here.
type encodingError struct{ path []any }

func (encodingError) Error() string {
	return "Request invalid due to parse error: Invalid UTF-8 encoding in YAML data"
}

// parse reads the manifest that the CLI has sent as Cloud Controller does. A value is nil, bool,
// *big.Int, float64, string, []any or object. The error is a classError or an encodingError.
func parse(content []byte) (any, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(content, &root); err != nil {
		return nil, err
	}
	return value(&root, nil)
}

// value returns the value of a node at this path.
func value(node *yaml.Node, path []any) (any, error) {
	switch node.Kind {
	case yaml.DocumentNode:
		return value(node.Content[0], path)
	case yaml.SequenceNode:
		return values(node, path)
	case yaml.MappingNode:
		return members(node, path)
	}
	const quoted = yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle
	switch {
	case node.ShortTag() == "!!binary":
		var text string
		err := node.Decode(&text)
		if err == nil && !utf8.ValidString(text) {
			err = encodingError{path}
		}
		return text, err
	case node.Style&quoted != 0:
		return node.Value, nil
	}
	read, err := scalar(node.Value)
	if err != nil {
		return nil, classError{err, path, node.Value}
	}
	return read, nil
}

func values(node *yaml.Node, path []any) (any, error) {
	list := make([]any, len(node.Content))
	for i, item := range node.Content {
		var err error
		if list[i], err = value(item, append(slices.Clone(path), i)); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func members(node *yaml.Node, path []any) (any, error) {
	mapping := make(object, 0, len(node.Content)/2)
	for i := 0; i+1 < len(node.Content); i += 2 {
		child := append(slices.Clone(path), node.Content[i].Value)
		key, err := value(node.Content[i], child)
		if err != nil {
			return nil, err
		}
		item, err := value(node.Content[i+1], child)
		if err != nil {
			return nil, err
		}
		mapping = append(mapping, member{key, item})
	}
	return mapping, nil
}
