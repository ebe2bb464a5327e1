package supply

// warnOfDetection warns about a push that names no buildpack, if the platform has asked several:
// the lifecycle then looks for the accepting buildpack's launch.yml under the number of all
// buildpacks minus one, finds none, and the sidecars are lost (buildpackapplifecycle,
// buildpackrunner/runner.go, ProcessFinalBuildpack). In a push that names its buildpacks, each of
// them has a deps directory.
func (s *Supplier) warnOfDetection() error {
	indices, err := s.indices()
	if err != nil || s.Neighbors == 0 || len(indices) > 1 || s.Stager.DepsIdx() != "0" {
		return err
	}
	s.Log.Warning("The sidecars will not run: no buildpack was named, and if the platform tries several (here %d), it loses the sidecars that the accepting buildpack "+
		"declares. Name the buildpack, as in cf push -b sidecar_buildpack.", s.Neighbors+1)
	return nil
}
