package platformtest

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/onsi/gomega"
)

// Lines is what a log was written to. It can be read while it is.
type Lines struct {
	mutex  sync.Mutex
	buffer bytes.Buffer
}

func (l *Lines) Write(text []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.buffer.Write(text)
}

func (l *Lines) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.buffer.String()
}

var stamp = regexp.MustCompile(`(?m)^\S+ (\[)`)

// Unstamped are the lines without their times.
func (l *Lines) Unstamped() string {
	return stamp.ReplaceAllString(l.String(), "$1")
}

// WriteFile makes a file, and the directories that it is in.
func WriteFile(t *testing.T, path, content string, mode os.FileMode) string {
	t.Helper()
	g := gomega.NewWithT(t)
	g.Expect(os.MkdirAll(filepath.Dir(path), 0o755)).To(gomega.Succeed())
	g.Expect(os.WriteFile(path, []byte(content), mode)).To(gomega.Succeed())
	g.Expect(os.Chmod(path, mode)).To(gomega.Succeed())
	return path
}

// Tree is what is below a directory: names with their modes, and of a symbolic
// link what it leads to.
func Tree(t *testing.T, directory string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(directory, func(path string, entry os.DirEntry, err error) error {
		if err != nil || path == directory {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		line := info.Mode().String() + " " + strings.TrimPrefix(path, directory+"/")
		if info.Mode()&os.ModeSymlink != 0 {
			target, err := os.Readlink(path)
			if err != nil {
				return err
			}
			line += " -> " + target
		}
		found = append(found, line)
		return nil
	})
	gomega.NewWithT(t).Expect(err).NotTo(gomega.HaveOccurred())
	return found
}
