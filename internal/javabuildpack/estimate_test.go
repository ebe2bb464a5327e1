package javabuildpack_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/javabuildpack"
)

func testEstimate(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	jar := func(classes int) []byte {
		var content bytes.Buffer
		writer := zip.NewWriter(&content)
		for i := range classes {
			_, err := writer.Create(fmt.Sprintf("org/example/C%d.class", i))
			Expect(err).NotTo(HaveOccurred())
		}
		_, err := writer.Create("application.properties")
		Expect(err).NotTo(HaveOccurred())
		Expect(writer.Close()).To(Succeed())
		return content.Bytes()
	}
	app := func() fs.FS {
		return fstest.MapFS{
			"A.class": {}, "deep/B.class": {}, "C.groovy": {}, "D.java": {},
			"BOOT-INF/lib/a.jar": {Data: jar(97)}, "broken.jar": {Data: []byte("no jar")},
		}
	}

	it("counts classes as the Java buildpack does, with those of the JRE", func() {
		Expect(javabuildpack.Estimate(app(), nil)).To(Equal(javabuildpack.Calculator{Classes: 14810, Threads: 250})) // 0.35 × (100 + 42215)
	})

	it("counts the classes of jars in a directory", func() {
		directory := t.TempDir()
		Expect(os.WriteFile(filepath.Join(directory, "lib.jar"), jar(1000), 0o600)).To(Succeed())
		Expect(javabuildpack.Estimate(os.DirFS(directory), nil).Classes).To(Equal(15125))
	})

	it("counts none of the JRE before Java 9", func() {
		for _, variable := range []string{"BP_JAVA_VERSION=8", "JBP_CONFIG_OPEN_JDK_JRE={jre: {version: 1.8.0_+}}", "JBP_CONFIG_ZULU_JRE={jre: {version: 8.+}}"} {
			Expect(javabuildpack.Estimate(app(), []string{variable}).Classes).To(Equal(35), variable)
		}
		for _, variable := range []string{"BP_JAVA_VERSION=17", "BP_JAVA_VERSION=latest", "JBP_CONFIG_OPEN_JDK_JRE={jre: {version: 11.+}}"} {
			Expect(javabuildpack.Estimate(app(), []string{variable}).Classes).To(Equal(14810), variable)
		}
	})

	it("takes what the environment tells the calculator", func() {
		Expect(javabuildpack.Estimate(app(), []string{"JBP_CONFIG_OPEN_JDK_JRE={memory_calculator: {stack_threads: 40, class_count: 500, headroom: 7}}", "JAVA_OPTS=-Xss1M"})).To(Equal(
			javabuildpack.Calculator{Classes: 500, Threads: 40, HeadRoom: 7, Options: "-Xss1M"}))
		Expect(javabuildpack.Estimate(app(), []string{"JBP_CONFIG_OPEN_JDK_JRE={", "MEMORY_CALCULATOR_STACK_THREADS=30", "MEMORY_CALCULATOR_HEADROOM=3"})).To(Equal(
			javabuildpack.Calculator{Classes: 14810, Threads: 30, HeadRoom: 3}))
	})
}
