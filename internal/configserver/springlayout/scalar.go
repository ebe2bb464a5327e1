package springlayout

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// The forms of plain scalars in SnakeYAML 2, which reads YAML 1.1 with some changes.
var (
	booleanForm = regexp.MustCompile(`^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$`)
	nullForm    = regexp.MustCompile(`^(?:|~|null|Null|NULL)$`)
	integerForm = regexp.MustCompile(`^[-+]?(?:0b_*[01][01_]*|0_*[0-7][0-7_]*|0|[1-9][0-9_]*|0x_*[0-9a-fA-F][0-9a-fA-F_]*|[1-9][0-9_]*(?::[0-5]?[0-9])+)$`)
	floatForm   = regexp.MustCompile(`^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+|[-+]?\.[0-9_]+(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$`)
)

// The longest text that is tested for each form.
const (
	maxWord   = 10
	maxNumber = 1024
)

// scalar returns the value of a scalar: text, a bool, a json.Number, or nil. As in Spring, dates are text.
func scalar(node *yaml.Node) (any, error) {
	switch tagOf(node) {
	case "!!str":
		return node.Value, nil
	case "!!null":
		return nil, nil
	case "!!bool":
		switch strings.ToLower(node.Value) {
		case "yes", "true", "on":
			return true, nil
		case "no", "false", "off":
			return false, nil
		}
		return nil, nil
	case "!!int":
		return integer(node)
	case "!!float":
		return float(node)
	case "!!binary":
		return binary(node)
	case "!!timestamp":
		return timestamp(node)
	default:
		return nil, unknownTag(node)
	}
}

// tagOf returns the tag that a scalar states, or otherwise the tag of its form.
func tagOf(node *yaml.Node) string {
	if node.Style&yaml.TaggedStyle != 0 && node.Tag != "!" {
		return node.ShortTag()
	}
	text := node.Value
	switch {
	case node.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return "!!str"
	case len(text) <= maxWord && booleanForm.MatchString(text):
		return "!!bool"
	case len(text) <= maxWord && nullForm.MatchString(text):
		return "!!null"
	case len(text) <= maxNumber && integerForm.MatchString(text):
		return "!!int"
	case len(text) <= maxNumber && floatForm.MatchString(text):
		return "!!float"
	case text == "<<":
		return "!!merge"
	}
	return "!!str"
}

// sign removes the sign and all underscores from a number.
func sign(text string) (rest string, negative bool) {
	text = strings.ReplaceAll(text, "_", "")
	negative = strings.HasPrefix(text, "-")
	return strings.TrimLeft(text, "+-"), negative
}

// integer parses a whole number in base 10, 2, 8, 16 or, with colons, 60.
func integer(node *yaml.Node) (any, error) {
	digits, negative := sign(node.Value)
	base := 10
	switch {
	case strings.HasPrefix(digits, "0b"):
		digits, base = digits[2:], 2
	case strings.HasPrefix(digits, "0x"):
		digits, base = digits[2:], 16
	case strings.HasPrefix(digits, "0") && digits != "0":
		digits, base = digits[1:], 8
	case strings.Contains(digits, ":"):
		return sexagesimal(node, digits, negative)
	}
	number, valid := new(big.Int).SetString(digits, base)
	if !valid || len(digits) > maxNumber {
		return nil, lineError(node, "found text with the tag of a whole number; expected a number")
	}
	if negative {
		number.Neg(number)
	}
	return json.Number(number.String()), nil
}

// sexagesimal parses a number in base 60: 1:30 is 90. It overflows like Java's int.
func sexagesimal(node *yaml.Node, digits string, negative bool) (any, error) {
	var sum int32
	for part := range strings.SplitSeq(digits, ":") {
		digit, err := strconv.ParseInt(part, 10, 64)
		if err != nil {
			return nil, lineError(node, "found a number with colons that is too large; expected text in quotes")
		}
		sum = sum*60 + int32(digit)
	}
	if negative {
		sum = -sum
	}
	return json.Number(strconv.Itoa(int(sum))), nil
}

func float(node *yaml.Node) (any, error) {
	digits, negative := sign(node.Value)
	var number float64
	switch lower := strings.ToLower(digits); {
	case lower == ".inf":
		number = math.Inf(1)
	case lower == ".nan":
		number = math.NaN()
	default:
		for part := range strings.SplitSeq(digits, ":") {
			digit, err := strconv.ParseFloat(part, 64)
			if err != nil && !math.IsInf(digit, 0) || strings.ContainsAny(part, "xXpPiInN") {
				return nil, lineError(node, "found text that looks like a number; expected a number, or text in quotes")
			}
			number = number*60 + digit
		}
	}
	if negative {
		number = -number
	}
	return javaDouble(number), nil
}

// javaDouble returns a number as Java and its JSON write it: 1.0, 1.0E10, and "Infinity".
func javaDouble(number float64) any {
	switch {
	case math.IsNaN(number):
		return "NaN"
	case math.IsInf(number, 1):
		return "Infinity"
	case math.IsInf(number, -1):
		return "-Infinity"
	}
	size := math.Abs(number)
	if size == 0 || size >= 1e-3 && size < 1e7 {
		text := strconv.FormatFloat(number, 'f', -1, 64)
		if !strings.Contains(text, ".") {
			text += ".0"
		}
		return json.Number(text)
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(number, 'e', -1, 64), "e")
	if !strings.Contains(mantissa, ".") {
		mantissa += ".0"
	}
	power, _ := strconv.Atoi(exponent)
	return json.Number(mantissa + "E" + strconv.Itoa(power))
}

// binary returns a value of !!binary in JSON's form.
func binary(node *yaml.Node) (any, error) {
	text := strings.Join(strings.Fields(node.Value), "")
	decoded, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, lineError(node, "found a value with the tag !!binary that is not base64; expected base64")
	}
	return base64.StdEncoding.EncodeToString(decoded), nil
}

// timestamp returns a value of !!timestamp in the form of Spring's JSON.
func timestamp(node *yaml.Node) (any, error) {
	for _, layout := range []string{"2006-1-2", "2006-1-2T15:4:5Z07:00", "2006-1-2t15:4:5Z07:00", "2006-1-2 15:4:5 Z07:00", "2006-1-2 15:4:5Z07:00", "2006-1-2 15:4:5", "2006-1-2T15:4:5"} {
		if moment, err := time.Parse(layout, strings.TrimSpace(node.Value)); err == nil {
			return moment.UTC().Format("2006-01-02T15:04:05.000Z"), nil
		}
	}
	return nil, lineError(node, "found a value with the tag !!timestamp that is none; expected a date, with a time or without")
}
