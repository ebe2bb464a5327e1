package testbuild

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
)

// sources is a directory without build results.
type sources struct{ fs.FS }

func onlySources(directory string) fs.FS { return sources{os.DirFS(directory)} }

func (s sources) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(s.FS, name)
	var kept []fs.DirEntry
	for _, entry := range entries {
		if name != "." || entry.Name() != "target" {
			kept = append(kept, entry)
		}
	}
	return kept, err
}

// hashTree returns the same hash for directories whose sources have the same names and contents.
func hashTree(directory string) (string, error) {
	tree := onlySources(directory)
	sum := sha256.New()
	err := fs.WalkDir(tree, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(tree, path)
		fmt.Fprintf(sum, "%q %d\n", path, len(content))
		sum.Write(content)
		return err
	})
	return hex.EncodeToString(sum.Sum(nil))[:32], err
}
