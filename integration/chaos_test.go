package integration_test

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"
	"github.com/prometheus/procfs"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
)

const (
	// chaosSeedVariable is the environment variable with the seed of a run that is to
	// be repeated. The seed decides which steps are taken, but not when.
	chaosSeedVariable = "CHAOS_SEED"
	// chaosMargin is what a busy machine may take on top of any time-out.
	chaosMargin = 3 * time.Minute
	// chaosHang is how long a command that hangs, or is deaf, may be left alone: three
	// probes (see chaosSidecars), and the time that it has to end by itself.
	chaosHang = 3*(1+2)*time.Second + time.Second
	// chaosGrace is how long the platform has for the end of an instance.
	chaosGrace = 10 * time.Second
	// longestBackoff is the longest pause before a command is started again.
	longestBackoff = 30 * time.Second
	// chaosRestarts of one command are enough: the pauses become longer and longer.
	chaosRestarts = 5
)

// chaosSidecars are the five, with how each is started again, which is not so in
// every session, their ports, and the timeout of their health checks. One that is not
// started again gets a timeout that a busy machine does not exceed.
const chaosSidecars = `
- name: http
  command: ./chaos -name=http -port=%[6]s -answers
  restart: %[1]s # always
  port: %[6]s
  health-check-type: http
  health-check-interval: 1
  health-check-invocation-timeout: %[10]d
  stop-timeout: 1
  hold-app: true
- name: port
  command: ./chaos -name=port -port=%[7]s
  restart: %[2]s # on-failure
  port: %[7]s
  health-check-type: port
  health-check-interval: 1
  health-check-invocation-timeout: %[11]d
  stop-timeout: 1
- name: forking
  command: ./chaos -name=forking -forks
  restart: %[3]s # always
  memory: 256M
  enforce-memory: true
  depends-on: [port]
- name: stubborn
  command: ./chaos -name=stubborn -stubborn -port=%[8]s -answers
  restart: %[4]s # on-failure
  port: %[8]s
  health-check-type: http
  health-check-interval: 1
  health-check-invocation-timeout: %[12]d
  stop-timeout: 1
- name: flooding
  command: ./chaos -name=flooding -steady -port=%[9]s -answers
  restart: %[5]s # always
  port: %[9]s
  health-check-type: http
  health-check-interval: 1
  health-check-invocation-timeout: %[13]d
  stop-after-app: true
  stop-timeout: 1
`

var (
	chaosNames = []string{"http", "port", "forking", "stubborn", "flooding"}
	// chaosHanging are those whose health check finds that they hang. The kernel goes
	// on to take connections for a program that is stopped, so that it is not found
	// out by a check of its port.
	chaosHanging = []string{"http", "stubborn", "flooding"}
)

// testChaos has an app with five supervised sidecars go through a hundred rounds of
// all that may befall them, and others meddle with what is left and what is used.
func testChaos(t *testing.T, context spec.G, it spec.S) {
	var seed uint64

	it.Before(func() {
		seed = 20
		if text := os.Getenv(chaosSeedVariable); text != "" {
			var err error
			seed, err = strconv.ParseUint(text, 10, 64)
			NewWithT(t).Expect(err).NotTo(HaveOccurred())
		}
		t.Logf("%s=%d", chaosSeedVariable, seed)
	})

	it("stages whatever has been planted between two stagings", func() {
		plantBetweenStagings(t, rand.New(rand.NewPCG(seed, 1)))
	})

	it("outlives a neighbor that rewrites its files while it runs", func() {
		rewriteWhileRunning(t, rand.New(rand.NewPCG(seed, 2)))
	})

	it("outlives a hundred rounds of kills, stops, hangs and floods", func() {
		program := filepath.Join(t.TempDir(), "chaos")
		goBuild(t, program, "./integration/testdata/chaos")

		// One session in which the pauses become long, and others in which the platform
		// starts the instance again, which is at once for two times only.
		var sessions []*chaos
		for number, one := range []struct {
			rounds  int
			never   string // the sidecar that is not started again
			crashes []func(*chaos, *rand.Rand)
		}{
			{rounds: 40},
			{20, "port", []func(*chaos, *rand.Rand){(*chaos).killSupervisor, (*chaos).killNever}},
			{20, "forking", []func(*chaos, *rand.Rand){(*chaos).killSupervisor, (*chaos).killApp}},
			{20, "stubborn", []func(*chaos, *rand.Rand){(*chaos).killNever, (*chaos).killApp}},
		} {
			c := pushChaos(t, program, one.never, seed, number)
			c.plan(one.rounds, one.crashes)
			sessions = append(sessions, c)
		}
		var all sync.WaitGroup
		for _, c := range sessions {
			all.Go(c.run)
		}
		all.Wait()
		for number, c := range sessions {
			c.expectLines()
			t.Logf("session %d:\n%s", number, strings.Join(c.journal, "\n"))
			if len(c.problems) > 0 {
				t.Errorf("%s=%d, session %d:\n%s\n%s", chaosSeedVariable, seed, number, strings.Join(c.problems, "\n"), c.story())
			}
		}
		for _, c := range sessions {
			c.expectNothingLeft()
		}
	})
}

// A chaos is one session. It is driven in a goroutine of its own, where no test can
// be failed, so that it notes what is wrong.
type chaos struct {
	*session
	g       Gomega
	random  func(round int) *rand.Rand
	never   string
	rounds  []func(*chaos, *rand.Rand)
	ledgers string // a directory

	guid    string          // of the instance
	crashes int             // of instances, so far
	doomed  map[string]bool // ids of those that will end

	mutex    sync.Mutex
	problems []string
	journal  []string
	expected []expectedEnd
	// passing is what was seen last that may be so for a moment only, and once all is
	// well not at all.
	passing []string
}

// An expectedEnd is one of a command that is then started again.
type expectedEnd struct {
	of         member
	gone, back time.Time // the latest
}

type chaosFailure string

func pushChaos(t *testing.T, program, never string, seed uint64, number int) *chaos {
	t.Helper()
	c := &chaos{never: never, ledgers: t.TempDir(), doomed: map[string]bool{}}
	c.random = func(round int) *rand.Rand { return rand.New(rand.NewPCG(seed, uint64(number)<<32|uint64(round))) }
	c.g = NewGomega(func(message string, _ ...int) { panic(chaosFailure(message)) })
	values := []any{}
	for i, restart := range []string{"always", "on-failure", "always", "on-failure", "always"} {
		if chaosNames[i] == never {
			restart = "never"
		}
		values = append(values, restart)
	}
	for range 4 {
		values = append(values, testport.Free(t))
	}
	for _, name := range []string{"http", "port", "stubborn", "flooding"} {
		timeout := 2
		if name == never {
			timeout = 300
		}
		values = append(values, timeout)
	}
	directory := app(t, map[string]string{
		"Procfile":     "web: exec ./chaos -role=app -name=app -leads",
		"sidecars.yml": fmt.Sprintf(chaosSidecars, values...),
		"manifest.yml": fmt.Sprintf("applications: [{name: chaos%d, memory: 1G, health-check-type: process, buildpacks: [sidecar_buildpack], env: {CHAOS_LEDGERS: %q}}]", number, c.ledgers),
	})
	NewWithT(t).Expect(os.Link(program, filepath.Join(directory, "chaos"))).To(Succeed())
	c.session = sidecar(t, directory, "push")
	return c
}

// plan draws the actions of each round. An action that ends the whole instance is
// done at times far from each other.
func (c *chaos) plan(rounds int, crashes []func(*chaos, *rand.Rand)) {
	kinds := []func(*chaos, *rand.Rand){
		(*chaos).kill, (*chaos).kill, (*chaos).kill, (*chaos).terminate, (*chaos).terminate, (*chaos).several,
		(*chaos).hang, (*chaos).hang, (*chaos).hang, (*chaos).deafen, (*chaos).signalChild, (*chaos).signalChild, (*chaos).signalChild, (*chaos).hangChild,
		(*chaos).flood, (*chaos).flood, (*chaos).flood, (*chaos).killInFlood, (*chaos).killInFlood, (*chaos).killInFlood,
	}
	for range rounds / len(kinds) {
		c.rounds = append(c.rounds, kinds...)
	}
	random := c.random(rounds)
	random.Shuffle(len(c.rounds), func(i, j int) { c.rounds[i], c.rounds[j] = c.rounds[j], c.rounds[i] })
	for i, crash := range crashes {
		part := len(c.rounds) / (len(crashes) + 1)
		c.rounds[(i+1)*part+random.IntN(part/2+1)] = crash
	}
}

// run goes through the session from its start to its end.
func (c *chaos) run() {
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		c.watch()
	}()
	defer func() {
		if failure := recover(); failure != nil {
			message, ok := failure.(chaosFailure)
			if !ok {
				panic(failure)
			}
			c.wrong("%s", message)
			c.Terminate()
			select {
			case <-c.Exited:
			case <-time.After(chaosGrace + chaosMargin):
				<-c.Kill().Exited
			}
		}
		<-watched
	}()
	c.awaitWhole(2 * time.Minute) // it is staged before
	const longestPause = 1500     // milliseconds
	for i, round := range c.rounds {
		random := c.random(i)
		round(c, random)
		// When the next one comes is part of the chaos.
		time.Sleep(time.Duration(random.IntN(longestPause)) * time.Millisecond)
	}
	c.expectBack()
	c.expectStop()
}

func (c *chaos) note(format string, args ...any) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.journal = append(c.journal, time.Now().Format("15:04:05.000 ")+fmt.Sprintf(format, args...))
}

// wrong notes a problem.
func (c *chaos) wrong(format string, args ...any) {
	c.note("WRONG: "+format, args...)
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

// Faults of the commands.

func (c *chaos) kill(random *rand.Rand) {
	c.each(random, 1, c.mortal, func(m member) { c.end(m, syscall.SIGKILL, 0) })
}

func (c *chaos) terminate(random *rand.Rand) {
	c.each(random, 1, c.mortal, func(m member) {
		if m.name == "stubborn" {
			c.signal(m, syscall.SIGTERM)
			return
		}
		c.end(m, syscall.SIGTERM, 0)
	})
}

func (c *chaos) several(random *rand.Rand) {
	c.each(random, 2+random.IntN(3), c.mortal, func(m member) { c.end(m, syscall.SIGKILL, 0) })
}

func (c *chaos) hang(random *rand.Rand) {
	c.each(random, 1, func() []member { return c.probed(chaosHanging...) }, func(m member) { c.end(m, syscall.SIGSTOP, chaosHang) })
}

func (c *chaos) deafen(random *rand.Rand) {
	if c.never == "port" {
		c.hang(random)
		return
	}
	c.each(random, 1, func() []member { return c.probed("port") }, func(m member) { c.end(m, syscall.SIGUSR2, chaosHang) })
}

func (c *chaos) signalChild(random *rand.Rand) {
	sig := []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM}[random.IntN(2)]
	c.each(random, 1, c.children, func(m member) { c.signal(m, sig) })
}

func (c *chaos) hangChild(random *rand.Rand) {
	c.each(random, 1, c.children, func(m member) { c.signal(m, syscall.SIGSTOP) })
}

func (c *chaos) flood(random *rand.Rand) {
	lines := 200 + random.IntN(3000)
	c.each(random, 1, func() []member { return c.living("child", "sidecar", "app") }, func(m member) { c.floodFrom(m, lines) })
}

func (c *chaos) killInFlood(random *rand.Rand) {
	const enough = 20000
	some := 1 + random.IntN(2000)
	c.each(random, 1, c.mortal, func(m member) {
		_, before := c.ledger(m)
		c.floodFrom(m, enough)
		c.g.Eventually(func() bool {
			_, written := c.ledger(m)
			return written >= before+some || !m.alive()
		}, chaosHang+chaosMargin, time.Millisecond).Should(BeTrue(), "the flood of %v", m)
		c.end(m, syscall.SIGKILL, 0)
	})
}

// Faults of the whole instance.

func (c *chaos) killSupervisor(random *rand.Rand) {
	name := chaosNames[random.IntN(len(chaosNames))]
	stat, ok := statOf(c.states()[name].Supervisor)
	c.g.Expect(ok).To(BeTrue())
	c.note("the supervisor of %s", name)
	c.crash(memberOf(stat))
}

func (c *chaos) killApp(*rand.Rand) {
	all := c.living("app")
	c.g.Expect(all).To(HaveLen(1))
	c.crash(all[0])
}

func (c *chaos) killNever(*rand.Rand) {
	all := slices.DeleteFunc(c.living("sidecar"), func(m member) bool { return m.name != c.never })
	c.g.Expect(all).To(HaveLen(1))
	c.crash(all[0])
}

// crash ends what the platform takes for a crash of the instance, and waits for the
// next one.
func (c *chaos) crash(m member) {
	c.mutex.Lock()
	c.expected = nil // nothing restarts in this one
	c.mutex.Unlock()
	c.crashes++
	c.signal(m, syscall.SIGKILL)
	const cleanupTime = 5 * time.Second
	c.awaitWhole(chaosGrace + cleanupTime + chaosMargin)
}

// Whom it befalls.

// each does something to some whom it may befall. It waits for the first of them,
// but not for one that will not come any more.
func (c *chaos) each(random *rand.Rand, number int, whom func() []member, do func(member)) {
	var all []member
	c.g.Eventually(func() bool {
		all = whom()
		return len(all) > 0 || c.worn()
	}, chaosHang+longestBackoff+chaosMargin).Should(BeTrue())
	if len(all) == 0 {
		c.flood(random) // which may befall all
		return
	}
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for _, m := range all[:min(number, len(all))] {
		do(m)
	}
}

// worn tells that some commands have been ended often enough.
func (c *chaos) worn() bool {
	for _, state := range c.states() {
		if state.Restarts >= chaosRestarts {
			return true
		}
	}
	return false
}

// mortal are the commands that may be ended: they are started again, have not been
// too often, and do not end already.
func (c *chaos) mortal() []member {
	states := c.states()
	return slices.DeleteFunc(c.living("sidecar"), func(m member) bool {
		return m.name == c.never || c.doomed[m.id] || states[m.name].Restarts >= chaosRestarts
	})
}

// probed are those of them that have been found to be well.
func (c *chaos) probed(names ...string) []member {
	states := c.states()
	return slices.DeleteFunc(c.mortal(), func(m member) bool {
		return !slices.Contains(names, m.name) || states[m.name].Pid != m.pid || !states[m.name].Ready()
	})
}

// children are what the commands have started.
func (c *chaos) children() []member {
	return slices.DeleteFunc(c.living("child"), func(m member) bool { return m.name == "app" })
}

// living are the members of the instance in some roles.
func (c *chaos) living(roles ...string) []member {
	return slices.DeleteFunc(c.members(), func(m member) bool { return !slices.Contains(roles, m.role) || m.guid != c.guid || !m.alive() })
}

// end gives a command a signal by which it ends, within some time.
func (c *chaos) end(m member, sig syscall.Signal, within time.Duration) {
	backoff := min(time.Second<<c.states()[m.name].Restarts, longestBackoff)
	c.doomed[m.id] = true
	c.signal(m, sig)
	gone := time.Now().Add(within + chaosMargin)
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.expected = append(c.expected, expectedEnd{of: m, gone: gone, back: gone.Add(backoff)})
}

func (c *chaos) signal(m member, sig syscall.Signal) {
	c.note("%s for %v", sig, m)
	if m.alive() {
		_ = syscall.Kill(m.pid, sig) // it may have ended just now
	}
}

func (c *chaos) floodFrom(m member, lines int) {
	c.note("%d lines of %v", lines, m)
	c.g.Expect(os.WriteFile(m.ledger+".flood", []byte(strconv.Itoa(lines)), 0o644)).To(Succeed())
	c.signal(m, syscall.SIGUSR1)
}

// Expectations.

// awaitWhole waits until all of an instance is there and well, one that was not
// there before.
func (c *chaos) awaitWhole(timeout time.Duration) {
	before := c.guid
	c.g.Eventually(func() error {
		var err error
		c.guid, err = c.whole(before)
		return err
	}, timeout).Should(Succeed())
	c.note("instance %s is whole", c.guid)
}

// whole tells what is missing of the newest instance, if that is not the one before.
func (c *chaos) whole(before string) (guid string, err error) {
	for _, m := range c.members() {
		if m.role == "app" && m.alive() {
			guid = m.guid
		}
	}
	if guid == "" || guid == before {
		return before, errors.New("the app is not there")
	}
	states, err := c.readStates()
	if err != nil {
		return before, err
	}
	for _, name := range chaosNames {
		state := states[name]
		if !state.Ready() || !slices.ContainsFunc(c.members(), func(m member) bool {
			return m.role == "sidecar" && m.name == name && m.guid == guid && m.pid == state.Pid && m.alive()
		}) {
			return before, fmt.Errorf("%s: %+v", name, state)
		}
	}
	return guid, nil
}

// expectBack expects that all commands are well in the end, that all of their ends
// have been seen, and that no actor that was asked for lines keeps them back.
func (c *chaos) expectBack() {
	c.g.Eventually(func() []expectedEnd {
		c.mutex.Lock()
		defer c.mutex.Unlock()
		return c.expected
	}, chaosHang+longestBackoff+3*chaosMargin).Should(BeEmpty())
	c.g.Eventually(func() error {
		_, err := c.whole("")
		return err
	}, chaosHang+longestBackoff+chaosMargin).Should(Succeed())
	c.g.Eventually(func() []string {
		c.mutex.Lock()
		defer c.mutex.Unlock()
		return c.passing
	}, chaosMargin).Should(BeEmpty())
	c.note("all are back")
	states := c.states()
	for _, name := range chaosNames {
		c.g.Expect(c.starts(name)).To(Equal(1+states[name].Restarts), "starts of %s: %+v", name, states[name])
	}
	for _, m := range c.members() {
		c.g.Eventually(func() bool {
			asked, written := c.ledger(m)
			return asked == written || !m.alive() || m.state() == "T"
		}, chaosMargin).Should(BeTrue(), "the lines of %v", m)
	}
}

// starts is how often a command was started in this instance.
func (c *chaos) starts(name string) int {
	count := 0
	for _, m := range c.members() {
		if m.role == "sidecar" && m.name == name && m.guid == c.guid {
			count++
		}
	}
	return count
}

// expectStop stops the session while some actors hang, which does not delay the others.
func (c *chaos) expectStop() {
	random := c.random(len(c.rounds) + 1)
	for _, m := range c.living("sidecar", "child") {
		if random.IntN(3) == 0 {
			c.signal(m, syscall.SIGSTOP)
		}
	}
	c.note("stop")
	c.g.Eventually(c.Interrupt(), chaosGrace+chaosMargin).Should(gexec.Exit(0))
	c.note("stopped")
	crashes := 0
	ends := map[string]int{} // that were told of, in the last instance
	for line := range strings.Lines(c.log()) {
		_, text, _ := strings.Cut(line, "] ")
		text = strings.TrimSpace(text)
		if strings.HasPrefix(text, "OUT Process has crashed") {
			crashes++
			clear(ends)
		}
		if name, said, ok := strings.Cut(strings.TrimPrefix(text, "ERR [supervise] "), ": "); ok && strings.Contains(said, "it is started again in") {
			ends[name]++
		}
	}
	c.g.Expect(crashes).To(Equal(c.crashes), "crashes of the instance")
	for _, name := range chaosNames {
		c.g.Expect(c.starts(name)).To(Equal(1+ends[name]), "starts of %s, and its ends", name)
	}
}

// watch looks at all processes until the session has ended.
func (c *chaos) watch() {
	const pause = 150 * time.Millisecond
	for {
		select {
		case <-c.Exited:
			return
		case <-time.After(pause):
			c.look()
		}
	}
}

func (c *chaos) look() {
	members := c.members() // before the processes: whoever is older than these has to be gone
	var passing []string
	for _, p := range descendants(c.Command.Process.Pid) {
		passing = append(passing, c.lookAt(p, members)...)
	}
	c.mutex.Lock()
	c.passing = passing
	c.mutex.Unlock()
	c.lookForExpected(members)
}

// lookAt makes sure that a process does not run at the same time as its successor. It
// returns what should not be so for long: a zombie, and an orphan.
func (c *chaos) lookAt(p procfs.ProcStat, members []member) (passing []string) {
	self := memberOf(p)
	if p.State == "Z" {
		if arguments(p.PPID)[0] == "supervise" {
			passing = append(passing, fmt.Sprintf("%s (%s) is a zombie below supervisor %d", self.id, p.Comm, p.PPID))
		}
		return passing
	}
	run := self.id
	for _, argument := range arguments(p.PID) {
		if id, ok := strings.CutPrefix(argument, "-run="); ok {
			run = id
		}
	}
	at := slices.IndexFunc(members, func(m member) bool { return m.id == run })
	if at < 0 {
		return nil // none of the program, or has not opened its ledger yet
	}
	first := members[at]
	if run != self.id && !first.alive() {
		passing = append(passing, fmt.Sprintf("%s (%v) has outlived its command %v", self.id, arguments(p.PID), first))
	}
	for _, other := range members {
		if other.follows(first, members) && self.alive() {
			c.wrong("%s (%v) of %v still runs at the same time as %v", self.id, arguments(p.PID), first, other)
		}
	}
	return passing
}

// lookForExpected makes sure that nothing hangs beyond its time-out.
func (c *chaos) lookForExpected(members []member) {
	c.mutex.Lock()
	expected := c.expected
	c.mutex.Unlock()
	var met []member
	for _, e := range expected {
		back := slices.ContainsFunc(members, func(m member) bool {
			return m.role == "sidecar" && m.name == e.of.name && m.guid == e.of.guid && m.started > e.of.started
		})
		switch {
		case back && !e.of.alive():
		case time.Now().After(e.gone) && e.of.alive():
			c.wrong("%v has not ended in time", e.of)
		case time.Now().After(e.back):
			c.wrong("%v was not started again in time", e.of)
		default:
			continue
		}
		met = append(met, e.of)
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.expected = slices.DeleteFunc(c.expected, func(e expectedEnd) bool { return slices.Contains(met, e.of) })
}

// chaosOthers are the lines of the launcher, the supervisor and the platform.
var chaosOthers = regexp.MustCompile(`^(Invoking (pre-start scripts|start command)\.|\[supervise\] .*|Exit status .*)$`)

// expectLines expects in the log all lines that were written, once, in their order,
// and nothing else of the app's and the sidecars'.
func (c *chaos) expectLines() {
	type output struct{ id, stream string }
	last := map[output]int{}
	count := map[string]map[int]int{}
	for line := range strings.Lines(c.log()) {
		_, line, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		source, text, _ := strings.Cut(line, "] ")
		if !strings.HasPrefix(source, "[APP/") {
			continue
		}
		stream, text, _ := strings.Cut(text, " ")
		var id string
		var n int
		if _, err := fmt.Sscanf(text, "chaos %s %d", &id, &n); err != nil {
			if !chaosOthers.MatchString(text) {
				c.wrong("no actor wrote this line: %s", line)
			}
			continue
		}
		if text != fmt.Sprintf("chaos %s %d %s", id, n, strings.Repeat("x", n%97)) {
			c.wrong("no actor wrote this line in this form: %s", line)
			continue
		}
		if count[id] == nil {
			count[id] = map[int]int{}
		}
		if count[id][n]++; n <= last[output{id, stream}] {
			c.wrong("line %d of %s comes after %d", n, id, last[output{id, stream}])
		}
		last[output{id, stream}] = n
	}
	total := 0
	for _, m := range c.members() {
		// One more may have been written when the ledger did not say so yet.
		_, written := c.ledger(m)
		total += written
		for n := 1; n <= written; n++ {
			if count[m.id][n] != 1 {
				c.wrong("line %d of %d of %v is in the log %d times", n, written, m, count[m.id][n])
			}
		}
		if len(count[m.id]) > written+1 || len(count[m.id]) == written+1 && count[m.id][written+1] != 1 {
			c.wrong("%d lines of %v are in the log, and it has written %d", len(count[m.id]), m, written)
		}
		delete(count, m.id)
	}
	for id := range count {
		c.wrong("%s has written lines, but is not known", id)
	}
	c.note("%d lines are in the log", total)
}

// story is the log without the floods.
func (c *chaos) story() string {
	var story strings.Builder
	for line := range strings.Lines(c.log()) {
		if !strings.Contains(line, " chaos ") {
			story.WriteString(line)
		}
	}
	return story.String() + string(c.Err.Contents())
}

// A member is a process of the chaos program, as its ledger names it.
type member struct {
	role, name, guid string
	run              string // the id of the first process of the same run of a command
	id               string // pid.born
	pid, started     int    // the time in ticks since the machine was started
	ledger           string
}

func (m member) String() string {
	return fmt.Sprintf("%s of %s %s, run %s", m.role, m.name, m.id, m.run)
}

// memberOf is a process that keeps no ledger.
func memberOf(stat procfs.ProcStat) member {
	return member{id: fmt.Sprintf("%d.%d", stat.PID, stat.Starttime), pid: stat.PID, started: int(stat.Starttime)}
}

// members are all that there ever were, of this session, in the order in which they
// were started.
func (c *chaos) members() []member {
	entries, err := os.ReadDir(c.ledgers)
	if err != nil {
		c.wrong("%s", err)
	}
	var all []member
	for _, entry := range entries {
		if parts := strings.Split(entry.Name(), "_"); !strings.HasSuffix(entry.Name(), ".flood") {
			m := member{role: parts[0], name: parts[1], guid: parts[2], run: parts[3], id: parts[4], ledger: filepath.Join(c.ledgers, entry.Name())}
			if _, err := fmt.Sscanf(m.id, "%d.%d", &m.pid, &m.started); err != nil {
				c.wrong("%s: %s", entry.Name(), err)
			}
			all = append(all, m)
		}
	}
	slices.SortFunc(all, func(a, b member) int { return cmp.Compare(a.started, b.started) })
	return all
}

func (m member) alive() bool { return !slices.Contains([]string{"", "Z", "X"}, m.state()) }

// state is the one of /proc/PID/stat, empty where there is no such process.
func (m member) state() string {
	if stat, ok := statOf(m.pid); ok && int(stat.Starttime) == m.started {
		return stat.State
	}
	return ""
}

// follows tells whether it is the first of a run, or of an instance, that must not
// have begun before another run was over.
func (m member) follows(other member, all []member) bool {
	if m.role == "child" || m.started <= other.started {
		return false
	}
	if m.guid == other.guid {
		return m.name == other.name
	}
	// Of the instances, the one whose first process is older.
	for _, one := range all {
		if one.guid == m.guid || one.guid == other.guid {
			return one.guid == other.guid
		}
	}
	return false
}

// ledger is how many lines a member was asked for, and has written.
func (c *chaos) ledger(m member) (asked, written int) {
	content, _ := os.ReadFile(m.ledger)
	_, _ = fmt.Sscan(string(content), &asked, &written) // it is empty for a moment
	return asked, written
}

// states are what the supervisors say.
func (c *chaos) states() map[string]supervision.State {
	states, err := c.readStates()
	c.g.Expect(err).NotTo(HaveOccurred())
	return states
}

func (c *chaos) readStates() (map[string]supervision.State, error) {
	directories, err := filepath.Glob(filepath.Join(c.tmp, "sidecar-instance-*", "root", "deps", "0"))
	if err != nil || len(directories) != 1 {
		return nil, errors.Join(err, fmt.Errorf("found %q; expected one instance", directories))
	}
	all, err := supervision.States(directories[0])
	if err != nil {
		return nil, err
	}
	states := map[string]supervision.State{}
	for _, state := range all {
		states[state.Name] = state
	}
	return states, nil
}

// descendants are the processes that descend from one.
func descendants(ancestor int) []procfs.ProcStat {
	all, _ := procfs.AllProcs()
	children := map[int][]procfs.ProcStat{}
	for _, p := range all {
		if stat, err := p.Stat(); err == nil { // otherwise it has ended
			children[stat.PPID] = append(children[stat.PPID], stat)
		}
	}
	var found []procfs.ProcStat
	for queue := []int{ancestor}; len(queue) > 0; queue = queue[1:] {
		found = append(found, children[queue[0]]...)
		for _, child := range children[queue[0]] {
			queue = append(queue, child.PID)
		}
	}
	return found
}

func statOf(pid int) (procfs.ProcStat, bool) {
	p, err := procfs.NewProc(pid)
	if err != nil {
		return procfs.ProcStat{}, false
	}
	stat, err := p.Stat()
	return stat, err == nil
}

// arguments are those of a process, the first one without its directory.
func arguments(pid int) []string {
	p, err := procfs.NewProc(pid)
	if err != nil {
		return []string{""}
	}
	arguments, err := p.CmdLine()
	if err != nil || len(arguments) == 0 {
		return []string{""}
	}
	return append([]string{filepath.Base(arguments[0])}, arguments[1:]...)
}
