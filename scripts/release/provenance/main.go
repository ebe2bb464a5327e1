// Command provenance writes of what, and how, files were built: an in-toto statement with a
// provenance of SLSA 1.0, in JSON. The same files of the same commit have the same statement.
//
//	provenance --version V --commit SHA1 --repository URL --builder URI [--invocation URI] --output FILE FILE...
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
)

// A statement is of the form https://in-toto.io/Statement/v1.
type statement struct {
	Type          string     `json:"_type"`
	Subject       []subject  `json:"subject"`
	PredicateType string     `json:"predicateType"`
	Predicate     provenance `json:"predicate"`
}

type subject struct {
	Name   string            `json:"name"`
	Digest map[string]string `json:"digest"`
}

// A provenance is of the form https://slsa.dev/provenance/v1.
type provenance struct {
	BuildDefinition definition `json:"buildDefinition"`
	RunDetails      details    `json:"runDetails"`
}

type definition struct {
	BuildType            string            `json:"buildType"`
	ExternalParameters   map[string]string `json:"externalParameters"`
	InternalParameters   map[string]string `json:"internalParameters"`
	ResolvedDependencies []resource        `json:"resolvedDependencies"`
}

type resource struct {
	URI    string            `json:"uri"`
	Digest map[string]string `json:"digest,omitempty"`
}

type details struct {
	Builder  map[string]string `json:"builder"`
	Metadata map[string]string `json:"metadata,omitempty"`
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("provenance", flag.ContinueOnError)
	version := flags.String("version", "", "what is released")
	commit := flags.String("commit", "", "`SHA1` of what it was built from")
	repository := flags.String("repository", "", "`URL` of the repository")
	builder := flags.String("builder", "", "`URI` of who has built it")
	invocation := flags.String("invocation", "", "`URI` of the run, if there is one")
	output := flags.String("output", "", "`FILE` to write")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *version == "" || *commit == "" || *repository == "" || *builder == "" || *output == "" || flags.NArg() == 0 {
		return errors.New("expected --version, --commit, --repository, --builder, --output, and files")
	}
	subjects, err := subjectsOf(flags.Args())
	if err != nil {
		return err
	}
	made := statement{Type: "https://in-toto.io/Statement/v1", Subject: subjects, PredicateType: "https://slsa.dev/provenance/v1"}
	made.Predicate.BuildDefinition = definition{
		BuildType:            *repository + "/blob/" + *commit + "/docs/releasing.md",
		ExternalParameters:   map[string]string{"repository": *repository, "ref": "refs/tags/v" + *version, "version": *version},
		InternalParameters:   map[string]string{"go": runtime.Version()},
		ResolvedDependencies: []resource{{URI: "git+" + *repository, Digest: map[string]string{"gitCommit": *commit}}},
	}
	made.Predicate.RunDetails.Builder = map[string]string{"id": *builder}
	if *invocation != "" {
		made.Predicate.RunDetails.Metadata = map[string]string{"invocationId": *invocation}
	}
	content, err := json.MarshalIndent(made, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(*output, append(content, '\n'), 0o644) //nolint:gosec // it is published
}

// subjectsOf are files with their checksums.
func subjectsOf(paths []string) ([]subject, error) {
	var all []subject
	for _, path := range paths {
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		sum := sha256.New()
		_, err = io.Copy(sum, file)
		if err := errors.Join(err, file.Close()); err != nil {
			return nil, err
		}
		all = append(all, subject{filepath.Base(path), map[string]string{"sha256": hex.EncodeToString(sum.Sum(nil))}})
	}
	return all, nil
}
