//go:build !linux

package watch

import "net/netip"

// Listeners is false: only Linux tells which process listens where.
func Listeners(map[int][]int) (found []Listener, known bool) { return nil, false }

// ListenAddresses are no addresses: only Linux tells.
func ListenAddresses() []netip.AddrPort { return nil }
