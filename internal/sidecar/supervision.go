package sidecar

import (
	"slices"
	"strings"
)

// NeedsSupervisor reports whether the sidecar asks for anything that the platform does not do by
// itself, so that the supervisor starts its command. supervision.Spec.KeepsSupervisor tells whether
// the supervisor then keeps running.
func (d Definition) NeedsSupervisor() bool {
	return slices.ContainsFunc(fields, func(f field) bool { return f.supervisor && len(f.values(d)) > 0 })
}

// Summary lists what a sidecar asks of its supervisor, for a log.
func (d Definition) Summary() []string {
	var summary []string
	for _, f := range fields {
		if f.log == "" {
			continue
		}
		for _, value := range f.values(d) {
			summary = append(summary, strings.ReplaceAll(f.log, "%s", value))
		}
	}
	return summary
}
