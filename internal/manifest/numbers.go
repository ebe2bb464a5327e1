package manifest

import (
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

var (
	integerText     = regexp.MustCompile(`^[+-]?\d+$`)
	hexadecimalText = regexp.MustCompile(`^[+-]?0[xX]`)
	// rubyFloat matches what Ruby's Float() accepts: digits after a point, underscores only between
	// two digits, and a hexadecimal number, which Rails only lets through after a blank.
	rubyFloat = regexp.MustCompile(`^\s*[+-]?(?:(?:\d+(?:_\d+)*(?:\.\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?|0[xX][\da-fA-F]+)\s*$`)

	startsAsNumber = regexp.MustCompile(`^-?\d+(?:\.\d+)?`)
	withUnit       = regexp.MustCompile(`(?mi)^(-?\d+(?:\.\d+)?)([KMGT]i?B?|B)$`)
)

// beyond is a size in MB that is far larger than the platform can store, and still a number.
const beyond = 1 << 40

// whole reads a whole number as Rails does: 2 and "2" are valid. complaint is Rails' message for
// any other value; number is then meaningless.
func whole(value any) (number *big.Int, complaint string) {
	const notANumber, notWhole = "is not a number", "must be an integer"
	switch v := value.(type) {
	case *big.Int:
		return v, ""
	case float64:
		return nil, notWhole // whole numbers arrive as integers
	case string:
		switch {
		case integerText.MatchString(v):
			number, _ := new(big.Int).SetString(strings.TrimPrefix(v, "+"), 10)
			return number, ""
		case !hexadecimalText.MatchString(v) && rubyFloat.MatchString(v):
			return nil, notWhole
		}
	}
	return nil, notANumber
}

// between is whole with limits; maximum is nil for no upper limit.
func between(value any, least int64, maximum *big.Int) (number *big.Int, complaint string) {
	number, complaint = whole(value)
	switch {
	case complaint != "":
	case number.Cmp(big.NewInt(least)) < 0:
		complaint = "must be greater than or equal to " + strconv.FormatInt(least, 10)
	case maximum != nil && number.Cmp(maximum) > 0:
		complaint = "must be less than or equal to " + maximum.String()
	}
	return number, complaint
}

// megabytes reads a size with its unit, truncated to whole MB (CF-30).
func megabytes(value any) (mb int64, complaint string) {
	bytes, complaint := size(value)
	return int64(max(min(bytes/(1<<20), beyond), -beyond)), complaint
}

// size reads a size with its unit, in bytes. In a text of several lines, the first valid one
// counts. complaint is Cloud Controller's message for an invalid size.
func size(value any) (bytes float64, complaint string) {
	written := text(value)
	match := withUnit.FindStringSubmatch(strings.TrimSpace(written))
	switch {
	case !startsAsNumber.MatchString(written):
		return 0, "is not a number"
	case match == nil:
		return 0, "must use a supported unit: B, K, KB, M, MB, G, GB, T, or TB"
	}
	bytes, _ = strconv.ParseFloat(match[1], 64) // or infinite
	switch strings.ToUpper(match[2][:1]) {
	case "T":
		bytes *= 1 << 40
	case "G":
		bytes *= 1 << 30
	case "M":
		bytes *= 1 << 20
	case "K":
		bytes *= 1 << 10
	}
	return math.Trunc(bytes), ""
}
