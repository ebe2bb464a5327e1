//go:build !linux

package watch

import "net/netip"

// Listeners returns false: only Linux tells which process listens where.
func Listeners(map[int][]int) (found []Listener, known bool) { return nil, false }

// ListenAddresses returns nil: only Linux tells.
func ListenAddresses() []netip.AddrPort { return nil }
