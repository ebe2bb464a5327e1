package regularfile

import (
	"io/fs"
	"os"
	"syscall"
)

// FS is the file system below a directory. Only files and directories can be opened, so opening
// never waits. No link leads out of it. It implements fs.StatFS, fs.ReadDirFS and fs.ReadLinkFS. It
// does not limit sizes; ReadFS does.
func FS(root *os.Root) fs.FS {
	all := root.FS()
	return rootFS{root: root, ReadLinkFS: all.(fs.ReadLinkFS), stat: all.(fs.StatFS), readDir: all.(fs.ReadDirFS)}
}

type rootFS struct {
	fs.ReadLinkFS
	root    *os.Root
	stat    fs.StatFS
	readDir fs.ReadDirFS
}

func (r rootFS) Open(name string) (fs.File, error) {
	info, err := r.stat.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return r.root.OpenFile(name, openFlags|syscall.O_DIRECTORY, 0)
	}
	return OpenIn(r.root, name)
}

func (r rootFS) Stat(name string) (fs.FileInfo, error) { return r.stat.Stat(name) }

func (r rootFS) ReadDir(name string) ([]fs.DirEntry, error) { return r.readDir.ReadDir(name) }
