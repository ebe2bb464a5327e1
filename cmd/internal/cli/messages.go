package cli

import (
	"errors"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

// lines splits an error into its messages, one per line.
func lines(err error) []string {
	var problems sidecar.Problems
	if !errors.As(err, &problems) {
		return strings.Split(err.Error(), "\n")
	}
	all := make([]string, len(problems))
	for i, problem := range problems {
		all[i] = problem.Error()
	}
	return all
}
