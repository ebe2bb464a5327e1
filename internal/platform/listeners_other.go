//go:build !linux

package platform

import "net/netip"

// listeners is false: only Linux tells which process listens where.
func listeners(map[int][]int) (found []listener, known bool) { return nil, false }

// listenAddresses are no addresses: only Linux tells.
func listenAddresses() []netip.AddrPort { return nil }
