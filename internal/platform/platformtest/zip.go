package platformtest

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"io/fs"
	"testing"

	"github.com/onsi/gomega"
)

// A ZipEntry is an entry of an archive; of a symbolic link, the content is what it
// leads to.
type ZipEntry struct {
	Name    string
	Mode    fs.FileMode
	Content string
}

// Entry is an entry of an archive.
func Entry(name string, mode fs.FileMode, content string) ZipEntry {
	return ZipEntry{Name: name, Mode: mode, Content: content}
}

// WriteZip makes an archive with something in front of it.
func WriteZip(t *testing.T, path, front string, items ...ZipEntry) string {
	t.Helper()
	g := gomega.NewWithT(t)
	var buffer bytes.Buffer
	archive := zip.NewWriter(&buffer)
	for _, i := range items {
		header := &zip.FileHeader{Name: i.Name, Method: zip.Deflate}
		header.SetMode(i.Mode)
		entry, err := archive.CreateHeader(header)
		g.Expect(err).NotTo(gomega.HaveOccurred())
		_, err = entry.Write([]byte(i.Content))
		g.Expect(err).NotTo(gomega.HaveOccurred())
	}
	g.Expect(archive.Close()).To(gomega.Succeed())
	return WriteFile(t, path, front+buffer.String(), 0o644)
}

// ClaimZip makes an archive of 100 KB of zeros a file, called by their numbers, whose
// list states other sizes.
func ClaimZip(t *testing.T, path string, sizes ...uint64) string {
	t.Helper()
	g := gomega.NewWithT(t)
	var packed bytes.Buffer
	compressor, err := flate.NewWriter(&packed, flate.BestCompression)
	g.Expect(err).NotTo(gomega.HaveOccurred())
	_, err = compressor.Write(make([]byte, 100<<10))
	g.Expect(err).NotTo(gomega.HaveOccurred())
	g.Expect(compressor.Close()).To(gomega.Succeed())
	var buffer bytes.Buffer
	archive := zip.NewWriter(&buffer)
	for i, size := range sizes {
		entry, err := archive.CreateRaw(&zip.FileHeader{
			Name: fmt.Sprint(i), Method: zip.Deflate, UncompressedSize64: size, CompressedSize64: uint64(packed.Len())})
		g.Expect(err).NotTo(gomega.HaveOccurred())
		_, err = entry.Write(packed.Bytes())
		g.Expect(err).NotTo(gomega.HaveOccurred())
	}
	g.Expect(archive.Close()).To(gomega.Succeed())
	return WriteFile(t, path, buffer.String(), 0o644)
}
