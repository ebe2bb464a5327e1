package javabuildpack_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/cloudfoundry/java-buildpack-memory-calculator/v4/calculator"
	"github.com/cloudfoundry/java-buildpack-memory-calculator/v4/flags"
	jvm "github.com/cloudfoundry/java-buildpack-memory-calculator/v4/memory"
	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/javabuildpack"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
)

// The commands that versions 5 and 4 of the Java buildpack make.
const (
	version5 = `CALCULATED_MEMORY=$($DEPS_DIR/1/jre/bin/java-buildpack-memory-calculator-4.2.0 --total-memory=$MEMORY_LIMIT --head-room=5 --loaded-class-count=14779 --thread-count=250 --jvm-options="$JAVA_OPTS") && ` +
		`echo JVM Memory Configuration: $CALCULATED_MEMORY && JAVA_OPTS="$JAVA_OPTS $CALCULATED_MEMORY" && MALLOC_ARENA_MAX=2 && exec $DEPS_DIR/1/bin/javaexec "$JAVA_HOME/bin/java" -cp $PWD/. Main`
	version4 = `CALCULATED_MEMORY=$($PWD/.java-buildpack/open_jdk_jre/bin/java-buildpack-memory-calculator-3.13.0_RELEASE -totMemory=$MEMORY_LIMIT -loadedClasses=17720 -poolType=metaspace -stackThreads=300 -vmOptions="$JAVA_OPTS") && ` +
		`JAVA_OPTS="$JAVA_OPTS $CALCULATED_MEMORY" && eval exec $PWD/.java-buildpack/open_jdk_jre/bin/java $JAVA_OPTS -cp $PWD/. Main`
)

func testCalculator(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("reads what a start command of the Java buildpack tells the calculator", func() {
		found, ok := javabuildpack.FromCommand(version5, []string{"JAVA_OPTS=-Xss512k"})
		Expect(ok).To(BeTrue())
		Expect(found).To(Equal(javabuildpack.Calculator{Classes: 14779, Threads: 250, HeadRoom: 5, Options: "-Xss512k"}))
		found, ok = javabuildpack.FromCommand(version4, nil)
		Expect(ok).To(BeTrue())
		Expect(found).To(Equal(javabuildpack.Calculator{Classes: 17720, Threads: 300}))
	})

	it("takes no other command for one that calls the calculator", func() {
		for _, command := range []string{
			"", "exec java -jar app.jar", "echo java-buildpack-memory-calculator-4.2.0 is gone", "x --loaded-class-count=1 --thread-count=2",
			"memory-calculator-4 --loaded-class-count=1", "memory-calculator-4 --loaded-class-count=99999999999999999999 --thread-count=2",
		} {
			_, ok := javabuildpack.FromCommand(command, nil)
			Expect(ok).To(BeFalse(), command)
		}
	})

	it("takes JAVA_OPTS from both places from which the Java buildpack makes it", func() {
		for _, one := range []struct{ config, want string }{
			{"", "-Xss1M"},
			{"{java_opts: -Xss2M}", "-Xss2M -Xss1M"},
			{"{java_opts: [-Xss2M, -Xmx1G], from_environment: false}", "-Xss2M -Xmx1G"},
			{"{from_environment: false}", ""},
			{"{", "-Xss1M"},
		} {
			found, _ := javabuildpack.FromCommand(version4, []string{"JAVA_OPTS=-Xss1M", "JBP_CONFIG_JAVA_OPTS=" + one.config})
			Expect(found.Options).To(Equal(one.want), one.config)
		}
	})

	it("comes to what the calculator itself comes to, whatever it is told", func() {
		random := rand.New(rand.NewPCG(20261128, 1))
		stated := []string{"-Xss512k", "-XX:MaxMetaspaceSize=64M", "-XX:ReservedCodeCacheSize=32M", "-XX:MaxDirectMemorySize=1M", "-Xmx128M", "-Dx=1", "-XX:+UseSerialGC"}
		fits := 0
		for range 2000 {
			random.Shuffle(len(stated), func(i, j int) { stated[i], stated[j] = stated[j], stated[i] })
			c := javabuildpack.Calculator{
				Classes: 1 + random.IntN(60000), Threads: 1 + random.IntN(400), HeadRoom: random.IntN(3) * random.IntN(30),
				Options: strings.Join(stated[:random.IntN(len(stated))], " "),
			}
			limit := memory.Size(200 + random.IntN(1000))
			regions, ok := c.Regions(limit)
			Expect(ok).To(BeTrue())
			options, err := calculate(t, c, limit)
			Expect(err == nil).To(Equal(regions.Sum() <= int64(limit)<<20), "%+v in %s: %v", c, limit, err)
			if err != nil {
				continue
			}
			fits++
			for _, option := range options {
				if heap, ok := option.(jvm.MaxHeap); ok {
					Expect(int64(heap)).To(Equal(int64(limit)<<20-regions.Sum()), "%+v in %s", c, limit)
				}
			}
		}
		Expect(fits).To(BeNumerically(">", 200))
		Expect(fits).To(BeNumerically("<", 1800))
	})

	it("says nothing of options that the calculator does not take", func() {
		_, ok := javabuildpack.Calculator{Classes: 1, Threads: 1, Options: "-Xss99999999999999999999"}.Regions(1024)
		Expect(ok).To(BeFalse())
	})
}

// calculate has the calculator itself share out a limit.
func calculate(t *testing.T, c javabuildpack.Calculator, limit memory.Size) ([]fmt.Stringer, error) {
	t.Helper()
	var total flags.TotalMemory
	NewWithT(t).Expect(total.Set(limit.EnvString())).To(Succeed())
	var options flags.JVMOptions
	NewWithT(t).Expect(options.Set(c.Options)).To(Succeed())
	headRoom, classes, threads := flags.HeadRoom(c.HeadRoom), flags.LoadedClassCount(c.Classes), flags.ThreadCount(c.Threads)
	return calculator.Calculator{HeadRoom: &headRoom, JvmOptions: &options, LoadedClassCount: &classes, ThreadCount: &threads, TotalMemory: &total}.Calculate()
}
