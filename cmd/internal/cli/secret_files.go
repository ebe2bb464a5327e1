package cli

import (
	"fmt"
	"slices"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
)

// leaveOut excludes a file with secrets, which a flag names, from each app, and notes that cf push
// would upload it. The argument what names the kind of secrets, such as credentials.
func leaveOut(applications []push.Application, file, what string) error {
	for i := range applications {
		app := &applications[i]
		if slices.Contains(app.SecretFiles, file) {
			continue
		}
		app.SecretFiles = append(app.SecretFiles, file)
		uploaded, err := push.Uploads(app.Path, file)
		if err != nil {
			return err
		}
		if uploaded != "" {
			app.Notes = append(app.Notes, fmt.Sprintf("%s has %s: it is left out here, but cf push uploads it with the app: add the line %s to .cfignore", file, what, uploaded))
		}
	}
	return nil
}
