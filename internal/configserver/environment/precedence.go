package environment

import "slices"

// ByPrecedence are the applications or the profiles of a request as Spring's backends without files read
// them (AbstractVaultEnvironmentRepository.normalize): each once, the last first, and what all
// have in common last.
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
