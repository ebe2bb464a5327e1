package dryrun

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/packaged"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/shellscript"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

const launchFile = "launch.yml"

// written is what a buildpack has written to its directory below deps, which becomes part of the
// droplet.
type written struct {
	*run
	staged *staged
	seen   string // the path at which the buildpack has seen /tmp
	index  string
	root   *os.Root
}

// at returns a finding for a file; if the file is a copy, for the original in the buildpack.
func (w *written) at(name string) finding.Finding {
	if own := w.copyOf(name); own != "" {
		return finding.Finding{File: own, Staging: w.staged.name}
	}
	return finding.Finding{File: path.Join("deps", w.index, name), Written: true, Staging: w.staged.name}
}

// copyOf returns the path of the same file in the buildpack, if there is one of that name.
func (w *written) copyOf(name string) string {
	what := describe(w.root, name)
	for own, has := range w.own {
		if path.Base(own) == path.Base(name) && has == what && strings.HasPrefix(has, "file") {
			return own
		}
	}
	return ""
}

// add adds a finding, once for all stagings, since only their indexes differ.
func (w *written) add(id, name string, line int, found string) {
	f := w.at(name)
	f.Line, f.Found = line, found
	if !w.into.HasLike(id, strings.TrimPrefix(f.File, "deps/"+w.index), line) {
		w.into.Add(id, f)
	}
}

func (w *written) entry(files fs.FS, name string, entry fs.DirEntry) {
	info, err := entry.Info()
	if err != nil {
		return
	}
	w.secret(name, entry)
	switch mode := info.Mode(); {
	case mode&fs.ModeSymlink != 0:
		w.link(files, name)
		return
	case mode.Perm()&0o002 != 0 && mode&fs.ModeSticky == 0:
		w.add(finding.WrittenWritable, name, 0, "mode "+mode.Perm().String())
	}
	if !info.Mode().IsRegular() {
		return
	}
	w.stagingPath(name)
	if path.Dir(name) == "profile.d" {
		w.profile(name)
	}
}

func (w *written) secret(name string, entry fs.DirEntry) {
	secret := w.secretOf(w.root, name, entry)
	if secret == "" {
		return
	}
	id := finding.SecretDroplet
	if name == launchFile {
		id = finding.SecretLaunch
	}
	w.add(id, w.secrets.mask(name), 0, secret)
}

// profile checks a script that processes will source, unless it was checked as one of the
// buildpack's files.
func (w *written) profile(name string) {
	content, err := regularfile.ReadIn(w.root, name, shellscript.MaxSize)
	if err != nil {
		return
	}
	at := w.at(name)
	var found finding.List
	packaged.CheckProfile(&found, at, content)
	for _, f := range found.All() {
		w.add(f.Rule.ID, name, f.Line, f.Found)
	}
	if !at.Written { // a copy has the same index in each position
		for _, p := range packaged.FixedIndexes(content) {
			w.add(finding.IndexFixed, name, p.Line, p.Found)
		}
	}
}

// stagingPath finds paths that only exist during staging, in a text, or in a program that links to
// a library there.
func (w *written) stagingPath(name string) {
	file, err := regularfile.OpenIn(w.root, name)
	if err != nil {
		return
	}
	defer file.Close()
	head := make([]byte, 512)
	n, _ := file.Read(head) // unreadable files are skipped
	pattern := w.moved()
	if bytes.IndexByte(head[:n], 0) >= 0 {
		pattern = regexp.MustCompile(regexp.QuoteMeta(w.seen) + `/contents[0-9]+/`)
	}
	line, first := 1, ""
	at := 0
	if _, err := file.Seek(0, 0); err != nil {
		return
	}
	_ = search(file, 0, func(part []byte) {
		if first != "" {
			return
		}
		for _, place := range pattern.FindAllIndex(part, -1) {
			if first == "" && !isComment(part, place[0]) {
				first = string(part[place[0]:place[1]])
				at = line + bytes.Count(part[:place[0]], []byte("\n"))
			}
		}
		line += bytes.Count(part, []byte("\n"))
	})
	if first != "" {
		if bytes.IndexByte(head[:n], 0) >= 0 {
			at = 0
		}
		w.add(finding.WrittenPath, name, at, first)
	}
}

// moved matches staging's paths that do not exist at launch.
func (w *written) moved() *regexp.Regexp {
	return regexp.MustCompile(regexp.QuoteMeta(w.seen) + `/(contents[0-9]+|app|cache|buildpacks|buildpackdownloads)\b`)
}

// isComment reports whether the line at an offset of a text begins with #.
func isComment(text []byte, at int) bool {
	begin := bytes.LastIndexByte(text[:at], '\n') + 1
	return bytes.HasPrefix(bytes.TrimSpace(text[begin:at]), []byte("#")) && !bytes.HasPrefix(bytes.TrimSpace(text[begin:at]), []byte("#!"))
}

// link finds links out of the droplet.
func (w *written) link(files fs.FS, name string) {
	target, err := fs.ReadLink(files, name)
	if err != nil {
		return
	}
	switch {
	case w.moved().MatchString(target):
		w.add(finding.WrittenPath, name, 0, "a link to "+target)
	case path.IsAbs(target):
	case strings.HasPrefix(path.Join("deps", w.index, path.Dir(name), target), ".."):
		w.add(finding.WrittenLink, name, 0, fmt.Sprintf("a link to %s, out of the droplet", target))
	default:
		to := path.Join(path.Dir(name), target)
		if strings.HasPrefix(to, "..") {
			return // of another buildpack, or of the app
		}
		if _, err := fs.Stat(files, name); err != nil && !w.isLink(to) {
			w.add(finding.WrittenLink, name, 0, fmt.Sprintf("a link to %s, which is not there", target))
		}
	}
}

// isLink reports whether there is another link, which is checked itself.
func (w *written) isLink(name string) bool {
	info, err := w.root.Lstat(name)
	return err == nil && info.Mode()&fs.ModeSymlink != 0 && name != "."
}
