package supply

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/judge"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

// judge decides what the app gets, and prints what the user should know about it.
func (s *Supplier) judge() (judge.Verdict, error) {
	root, err := os.OpenRoot(s.Stager.BuildDir())
	if err != nil {
		return judge.Verdict{}, fmt.Errorf("failed to open the app: %w", err)
	}
	defer root.Close() // it was only read
	asked, err := s.request()
	if err != nil {
		return judge.Verdict{}, err
	}
	asked.App = regularfile.FS(root)
	buildpack, err := OpenBuildpack(s.Manifest.RootDir())
	if err != nil {
		return judge.Verdict{}, fmt.Errorf("failed to open the buildpack: %w", err)
	}
	defer buildpack.Close() // it was only read
	asked.Buildpack = regularfile.FS(buildpack)
	verdict, err := s.judgeWithHook(asked)
	for _, warning := range verdict.Warnings {
		s.Log.Warning("%s", warning)
	}
	for _, absent := range verdict.Absent {
		s.Log.Info("%s", absent)
	}
	if err != nil {
		return judge.Verdict{}, err
	}
	if verdict.ProcfileError != nil && len(verdict.Sidecars) > 0 {
		s.Log.Warning("%s; staging will fail on it", verdict.ProcfileError)
	}
	for _, left := range verdict.Left {
		s.Log.Info("%s", left)
	}
	for _, note := range verdict.Notes {
		s.Log.Info("%s", note)
	}
	if len(verdict.Sidecars)+len(verdict.Left)+len(verdict.Absent) == 0 {
		s.Log.BeginStep("No sidecars: neither a %s in the app nor %s names one", sidecar.FileName, sidecar.InlineVariable)
	}
	return verdict, s.warnOfReplaced(verdict.Neighbors)
}

// request returns everything but the app itself that decides about its sidecars.
func (s *Supplier) request() (judge.Case, error) {
	relatives, err := s.family()
	if err != nil {
		return judge.Case{}, err
	}
	followed, err := s.followed()
	if err != nil {
		return judge.Case{}, err
	}
	bound, err := bindings.Read(s.Environ)
	if err != nil {
		return judge.Case{}, err
	}
	_, unseen := s.unpaddedDirectory()
	asked := judge.Case{
		Modes: true, Catalog: s.Catalog, Environ: s.Environ, Services: sidecar.Services{Known: true, Bound: bound}, Family: relatives, Index: s.Stager.DepsIdx(), Dependencies: s.Dependencies,
		Earlier: s.neighbors, EarlierUnseen: unseen, Followed: followed, Languages: s.Languages, Memory: s.StagingMemory,
	}
	if followed {
		asked.Starters = s.Languages
	}
	asked.Path, err = s.path()
	return asked, err
}

// path returns the directories in which this app's commands will find programs.
func (s *Supplier) path() ([]string, error) {
	path := filepath.SplitList(env.Get(s.Environ, "PATH"))
	if len(path) == 0 {
		return nil, nil
	}
	indices, err := s.indices()
	if err != nil {
		return nil, err
	}
	for _, index := range indices {
		path = append(path, filepath.Join(s.Stager.DepsDir(), index.name, binDirectory))
	}
	return path, nil
}

// checkInstalled rejects a program that can never run, and warns about one that may not.
func (s *Supplier) checkInstalled(root *os.Root, name string) error {
	path, err := s.path()
	followed, failed := s.followed()
	if err := errors.Join(err, failed); err != nil {
		return err
	}
	warning, err := judge.Commands{Path: path, Last: !followed}.CheckInstalled(root.FS(), name)
	if warning != "" {
		s.Log.Warning("%s", printable.Text(warning))
	}
	return err
}
