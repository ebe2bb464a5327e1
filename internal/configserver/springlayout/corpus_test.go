package springlayout_test

import (
	"bytes"
	stdcontext "context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springlayout"
)

// A folder is a tree on the disk.
type folder string

func (f folder) File(path string) ([]byte, error) {
	path = filepath.Join(string(f), path)
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return nil, nil
	}
	return os.ReadFile(path)
}

func (f folder) Folders(path string) ([]string, error) {
	var names []string
	entries, err := os.ReadDir(filepath.Join(string(f), path))
	for _, entry := range entries {
		if entry.IsDir() {
			names = append(names, entry.Name())
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return names, err
}

func (f folder) IsFolder(path string) (bool, error) {
	info, err := os.Stat(filepath.Join(string(f), path))
	return err == nil && info.IsDir(), nil
}

// An answer is what Spring's server says to one request: sources, or only that it fails.
type answer struct {
	SearchPaths     []string
	Application     string
	Profiles        string
	Status          int
	PropertySources []environment.PropertySource
}

func recorded() []answer {
	content, err := os.ReadFile("testdata/spring.jsonl")
	if err != nil {
		panic(err)
	}
	var answers []answer
	for decoder := json.NewDecoder(bytes.NewReader(content)); decoder.More(); {
		decoder.UseNumber()
		var one answer
		if err := decoder.Decode(&one); err != nil {
			panic(err)
		}
		answers = append(answers, one)
	}
	return answers
}

func testCorpus(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	for _, expected := range recorded() {
		it("answers "+strings.Join(expected.SearchPaths, " ")+" "+expected.Application+" "+expected.Profiles+" like Spring's server", func() {
			layout := springlayout.Layout{URI: "URI", Directory: "DIR", SearchPaths: expected.SearchPaths}
			request := environment.Request{Application: expected.Application, Profiles: strings.Split(expected.Profiles, ",")}
			sources, err := layout.Sources(stdcontext.Background(), folder("testdata/corpus"), request, "main")
			if expected.Status != 200 {
				Expect(err).To(HaveOccurred())
				return
			}
			Expect(err).NotTo(HaveOccurred())
			Expect(shown(sources)).To(Equal(shown(expected.PropertySources)))
		})
	}
}

// shown returns sources as JSON, with keys in their order and numbers as they are written. Java does not keep the
// order of keys in XML.
func shown(sources []environment.PropertySource) string {
	for i := range sources {
		if strings.HasSuffix(sources[i].Name, ".xml") {
			slices.Sort(sources[i].Order)
		}
	}
	content, err := json.MarshalIndent(sources, "", " ")
	if err != nil {
		return err.Error()
	}
	return string(content)
}
