package platform

import (
	"math"
	"math/big"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

var (
	number   = regexp.MustCompile(`^-?[0-9]+(?:\.[0-9]+)?`)
	quantity = regexp.MustCompile(`^(-?[0-9]+(?:\.[0-9]+)?)(?i:([KMGT])i?B?|B)$`)
)

// logRateLimit reads log-rate-limit-per-second as Cloud Controller does
// (lib/cloud_controller/byte_quantity.rb and app/messages): -1 is no limit, 0 lets
// nothing be logged, anything else has a unit. It is false where there is no limit.
func (m *manifest) logRateLimit(processType string, value *yaml.Node) (bytes int64, limited bool) {
	if value.Kind == yaml.AliasNode {
		value = value.Alias
	}
	text := strings.TrimSpace(value.Value)
	switch {
	case value.Kind == 0 || value.ShortTag() == "!!null":
		return 0, false
	case value.Kind != yaml.ScalarNode:
		m.refuse(value, "Process %q: log-rate-limit-per-second: found a list or a mapping; expected a size such as 16K, or -1 for no limit", processType)
		return 0, false
	case text == "" || value.Value == "-1":
		return 0, false
	case value.Value == "0":
		return 0, true
	case !number.MatchString(value.Value):
		m.refuse(value, "Process %q: Log rate limit per second is not a number; found %q", processType, value.Value)
		return 0, false
	}
	parts := quantity.FindStringSubmatch(text)
	if parts == nil {
		m.refuse(value, "Process %q: Log rate limit per second must use a supported unit: B, K, KB, M, MB, G, GB, T, or TB; found %q", processType, value.Value)
		return 0, false
	}
	exact, ok := new(big.Float).SetString(parts[1])
	if !ok {
		m.refuse(value, "Process %q: Log rate limit per second is not a number; found %q", processType, value.Value)
		return 0, false
	}
	for range strings.Index("BKMGT", strings.ToUpper(parts[2] + "B")[:1]) {
		exact.Mul(exact, big.NewFloat(1024))
	}
	bytes, _ = exact.Int64() // truncated, and at the limits of an int64 where it is beyond
	if bytes < -1 || bytes == math.MaxInt64 {
		m.refuse(value, "Process %q: Log rate limit must be an integer greater than or equal to -1; found %q", processType, value.Value)
		return 0, false
	}
	return bytes, bytes != -1
}
