// Command sbom writes what Go programs are made of as CycloneDX, an SBOM in JSON: the modules that
// the linker has noted in each program, and Go itself. The same programs have the same SBOM.
//
//	sbom --name NAME --version V --output FILE [--dependency NAME,VERSION,URI,SHA256]... FILE...
//
// A FILE is a program, or a tar.gz or zip archive with programs. The programs of a directory are all
// files in it. A dependency is an archive that is part of what is described, whatever is in it.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	var d described
	flags := flag.NewFlagSet("sbom", flag.ContinueOnError)
	flags.StringVar(&d.name, "name", "", "what is described")
	flags.StringVar(&d.version, "version", "", "its `version`, and that of the module that it is built from")
	output := flags.String("output", "", "`FILE` to write")
	flags.Func("dependency", "`NAME,VERSION,URI,SHA256` of an archive that is part of it", func(text string) error {
		fields := strings.Split(text, ",")
		if len(fields) != 4 {
			return fmt.Errorf("found %q; expected NAME,VERSION,URI,SHA256", text)
		}
		d.dependencies = append(d.dependencies, dependency{fields[0], fields[1], fields[2], fields[3]})
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return err
	}
	if d.name == "" || d.version == "" || *output == "" {
		return errors.New("expected --name, --version and --output")
	}
	for _, path := range flags.Args() {
		if err := d.addFile(path); err != nil {
			return fmt.Errorf("failed to read %s: %w", path, err)
		}
	}
	if len(d.programs) == 0 {
		return errors.New("found no program of Go; expected one at least")
	}
	content, err := d.encode()
	if err != nil {
		return err
	}
	return os.WriteFile(*output, content, 0o644) //nolint:gosec // it is published
}
