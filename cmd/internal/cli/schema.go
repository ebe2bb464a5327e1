package cli

import (
	"github.com/spf13/cobra"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

// schema prints a JSON Schema, for editors and pipelines.
func (t *tool) schema() *cobra.Command {
	var catalog bool
	c := &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of sidecars.yml",
		Long:  "Prints the JSON Schema of sidecars.yml, with which editors complete and check the file, or that of a buildpack's catalog.",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			schema, err := sidecar.Schema()
			if catalog {
				schema, err = sidecar.CatalogSchema()
			}
			if err != nil {
				return err
			}
			_, err = t.stdout.Write(schema)
			return err
		},
	}
	c.Flags().BoolVar(&catalog, "catalog", false, "print the schema of buildpack.toml, which contains the catalog")
	return c
}
