package stage

import (
	"fmt"
	"os"
	"path/filepath"
)

// home makes the home directory of a staging in a sealed cell, which would have none otherwise.
func (p *Stager) home(s *staging) (string, error) {
	if !p.Sealed {
		return "", nil
	}
	home := filepath.Join(s.work, "home")
	if err := os.Mkdir(home, 0o755); err != nil {
		return "", fmt.Errorf("failed to make a home directory: %w", err)
	}
	return home, nil
}

// examine passes the files of a staging to Examine.
func (p *Stager) examine(s staging) {
	if p.Examine == nil {
		return
	}
	found := Files{Tmp: s.tmp, Seen: s.seen}
	if p.Sealed {
		found.Home = filepath.Join(s.work, "home")
	}
	config, err := s.config(s.tmp)
	if err != nil {
		return // it exists already
	}
	for _, key := range s.keys {
		found.Buildpacks = append(found.Buildpacks, config.BuildpackPath(key))
	}
	p.Examine(found)
}
