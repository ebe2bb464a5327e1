// Package memory reads, adds and prints sizes as Cloud Foundry does: in whole mebibytes, which the
// platform writes as "MB".
package memory

import (
	"fmt"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// Size is an amount of memory in whole mebibytes. Zero means that no size is set.
type Size int64

// Max is the largest size that the platform can store: its database keeps
// memory in a signed 32-bit column.
const Max Size = math.MaxInt32

// A ParseError says why a text is not a size. Its message follows the name of the field.
type ParseError struct {
	Found string // the text
	Want  string // what was expected
}

func (e *ParseError) Error() string {
	return fmt.Sprintf("found %s; expected %s", quote(e.Found), e.Want)
}

const (
	wantSize     = "a size such as 128M or 1G (units B, K, M, G, T), or a bare number of MB"
	wantUnit     = "a size with a unit: B, K, KB, M, MB, G, GB, T, or TB"
	wantPositive = "a size above zero"
)

var (
	bare     = regexp.MustCompile(`^-?[0-9]+$`)
	quantity = regexp.MustCompile(`^(-?[0-9]+(?:\.[0-9]+)?)(?i:([KMGT])i?B?|B)$`)
)

// Parse reads a size as in the app manifest's sidecars block: a number with a unit, or a bare
// integer in MB (CF-30). Units are powers of 1024, in any case, alone or with B or iB; fractions of
// a MB are dropped, so 512K is 0. It returns a *ParseError for a text that is not a size, or a size
// that is negative or larger than Max.
func Parse(text string) (Size, error) {
	trimmed := strings.TrimSpace(text)
	if bare.MatchString(trimmed) {
		trimmed += "M"
	}
	return parse(text, trimmed, wantSize)
}

// ParseWithUnit reads a size as in all other keys of the app manifest: it refuses a bare number.
func ParseWithUnit(text string) (Size, error) {
	return parse(text, strings.TrimSpace(text), wantUnit)
}

func parse(found, trimmed, want string) (Size, error) {
	match := quantity.FindStringSubmatch(trimmed)
	// No size that is allowed has this many digits; a longer text is not
	// worth the arithmetic.
	if match == nil || len(trimmed) > 64 {
		return 0, &ParseError{Found: found, Want: want}
	}
	number, ok := new(big.Rat).SetString(match[1])
	if !ok {
		return 0, &ParseError{Found: found, Want: want}
	}
	if number.Sign() < 0 {
		return 0, &ParseError{Found: found, Want: wantPositive}
	}

	bytes := number.Mul(number, new(big.Rat).SetInt64(1<<shift(match[2])))
	mebibytes := new(big.Int).Quo(bytes.Num(), bytes.Denom())
	mebibytes.Rsh(mebibytes, 20)
	if !mebibytes.IsInt64() || Size(mebibytes.Int64()) > Max {
		return 0, &ParseError{Found: found, Want: fmt.Sprintf("at most %s", Max)}
	}
	return Size(mebibytes.Int64()), nil
}

// shift returns a unit's power of two; empty is B.
func shift(unit string) uint {
	switch strings.ToUpper(unit) {
	case "K":
		return 10
	case "M":
		return 20
	case "G":
		return 30
	case "T":
		return 40
	default:
		return 0
	}
}

// String returns the size in the largest unit in which it is a whole number, as the cf CLI does:
// 1536M, 2G. Parse reads it back to the same size.
func (s Size) String() string {
	switch {
	case s != 0 && s%(1<<20) == 0:
		return strconv.FormatInt(int64(s>>20), 10) + "T"
	case s != 0 && s%(1<<10) == 0:
		return strconv.FormatInt(int64(s>>10), 10) + "G"
	default:
		return strconv.FormatInt(int64(s), 10) + "M"
	}
}

// EnvString returns the size as in MEMORY_LIMIT: 768m (CF-22).
func (s Size) EnvString() string {
	return strconv.FormatInt(int64(s), 10) + "m"
}

func quote(text string) string {
	const maxLength = 40
	if runes := []rune(text); len(runes) > maxLength {
		text = string(runes[:maxLength]) + "…"
	}
	return strconv.Quote(text)
}
