package cli

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/listing"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
)

func (t *tool) validate() *cobra.Command {
	var app appFlags
	var services serviceFlags
	var previous string
	c := &cobra.Command{
		Use:   "validate [FILE...]",
		Short: "Check sidecars.yml, a catalog or an app manifest without staging",
		Long: "Checks an app with its manifest, its sidecars.yml and the catalogs of its buildpacks, or single files of these\n" +
			"kinds. In addition to errors, it reports what Cloud Controller would silently drop, and what it would refuse in the\n" +
			"first push, in the next one and in one after a rollback.",
		RunE: func(validate *cobra.Command, files []string) error {
			var found findings
			var err error
			if len(files) > 0 {
				if err := refuseUnused(validate); err != nil {
					return err
				}
				err = t.validateFiles(files, &app, &found)
				if err == nil && !app.loaded {
					err = app.refuseVariables("no file is an app manifest")
				}
			} else {
				err = t.validateApps(&app, &services, previous, &found)
			}
			if err != nil {
				return err
			}
			return t.tell(found)
		},
	}
	app.add(c, forStaging|forRunning)
	services.add(c)
	c.Flags().StringVar(&previous, "previous", "", "`PATH` of the manifest of the previous push, or of its directory, to check the next push")
	return c
}

// refuseUnused refuses flags that have no effect on a check of single files.
func refuseUnused(validate *cobra.Command) (err error) {
	readsManifest := []string{"var", "vars-file"}
	validate.Flags().Visit(func(flag *pflag.Flag) {
		if !slices.Contains(readsManifest, flag.Name) && err == nil {
			err = usageError{validate.CommandPath(), fmt.Errorf("--%s is for an app, and not for single files", flag.Name)}
		}
	})
	return err
}

func (t *tool) tell(found findings) error {
	for _, text := range listing.Lines(found.problems) {
		if _, err := fmt.Fprintln(t.stdout, printable.Text(text)); err != nil {
			return err
		}
	}
	for _, text := range listing.Lines(found.notes) {
		if _, err := fmt.Fprintln(t.stdout, "note:", printable.Text(text)); err != nil {
			return err
		}
	}
	switch count := len(found.problems); count {
	case 0:
		_, err := fmt.Fprintln(t.stdout, "OK")
		return err
	case 1:
		return errors.New("found 1 problem")
	default:
		return fmt.Errorf("found %d problems", count)
	}
}
