package environment

import "slices"

// ByPrecedence orders the applications or profiles of a request as Spring's backends without files do
// (AbstractVaultEnvironmentRepository.normalize): without duplicates, the last one first, and common at the end.
func ByPrecedence(items []string, common string) []string {
	var all []string
	for _, item := range slices.Concat([]string{common}, items) {
		if item != "" && !slices.Contains(all, item) {
			all = append(all, item)
		}
	}
	slices.Reverse(all)
	return all
}
