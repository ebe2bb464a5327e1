// Chaos is the app and all sidecars of the chaos suite, which tells their
// processes apart by their arguments and by the ledgers that they keep.
//
// SIGUSR1 has a process write as many lines as a file says, SIGUSR2 has it listen
// no more.
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Where the suite finds the ledgers.
const directoryVariable = "CHAOS_LEDGERS"

type program struct {
	role     string // app, sidecar, child, or one of those that keep no ledger: leaver, brief
	name     string // of the sidecar
	run      string // the run of the sidecar that a child belongs to, by the id of its first process
	port     int    // 0: none
	answers  bool   // by HTTP
	stubborn bool   // ignores SIGTERM
	forks    bool   // has children that leave it, and its process group, of which many end
	steady   bool   // writes lines all the time
	leads    bool   // has a child of its own
	child    string // the role of a leaver's

	id     string // process id and start time
	ledger *ledger
}

func main() {
	var p program
	flag.StringVar(&p.role, "role", "sidecar", "")
	flag.StringVar(&p.name, "name", "", "")
	flag.StringVar(&p.run, "run", "", "")
	flag.IntVar(&p.port, "port", 0, "")
	flag.BoolVar(&p.answers, "answers", false, "")
	flag.BoolVar(&p.stubborn, "stubborn", false, "")
	flag.BoolVar(&p.forks, "forks", false, "")
	flag.BoolVar(&p.steady, "steady", false, "")
	flag.BoolVar(&p.leads, "leads", false, "")
	flag.StringVar(&p.child, "child", "child", "")
	flag.Parse()
	if err := p.start(); err != nil {
		log.Fatal(err)
	}
}

func (p *program) start() error {
	const brief = 50 * time.Millisecond
	switch p.role {
	case "brief":
		time.Sleep(brief)
		return nil
	case "leaver": // to whoever adopts its child
		return p.command(p.child, true).Start()
	}
	floods, deaf := make(chan os.Signal, 8), make(chan os.Signal, 1)
	signal.Notify(floods, syscall.SIGUSR1)
	signal.Notify(deaf, syscall.SIGUSR2)
	if p.stubborn {
		signal.Ignore(syscall.SIGTERM)
	}
	if err := p.open(); err != nil {
		return err
	}
	if p.role == "sidecar" {
		p.run = p.id
		go keep(func() *exec.Cmd { return p.command("child", false) })
	}
	if p.leads {
		go keep(func() *exec.Cmd { return p.command("child", false) })
	}
	if p.forks {
		go keep(func() *exec.Cmd { return p.command("child", true, "-leads") })
		for range 2 {
			if err := p.command("leaver", false).Run(); err != nil {
				return err
			}
		}
		go keep(func() *exec.Cmd { return p.command("leaver", false, "-child=brief") })
	}
	if p.port != 0 {
		go p.listen(deaf)
	}
	return p.flood(floods)
}

// command is another process of the same run.
func (p *program) command(role string, session bool, args ...string) *exec.Cmd {
	args = append(args, "-role="+role, "-name="+p.name, "-run="+p.run)
	if p.stubborn {
		args = append(args, "-stubborn")
	}
	command := exec.Command("/proc/self/exe", args...)
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: session}
	return command
}

// keep starts a child again and again.
func keep(command func() *exec.Cmd) {
	const pause = 500 * time.Millisecond
	for ; ; time.Sleep(pause) {
		_ = command().Run() // it may have been killed
	}
}

// listen answers until it is to be deaf.
func (p *program) listen(deaf <-chan os.Signal) {
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", p.port))
	for err != nil { // another process has the port for a moment
		time.Sleep(10 * time.Millisecond)
		listener, err = net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", p.port))
	}
	go func() {
		<-deaf
		_ = listener.Close() // that is all there is to do
	}()
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		go p.answer(connection)
	}
}

func (p *program) answer(connection net.Conn) {
	defer connection.Close()
	if p.answers {
		_, _ = connection.Read(make([]byte, 4<<10)) // who asks finds out what fails
		_, _ = connection.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"))
	}
}

// flood writes lines, and never returns but with an error.
func (p *program) flood(floods <-chan os.Signal) error {
	const steady, steadyLines = 20 * time.Millisecond, 5
	var ticks <-chan time.Time
	if p.steady {
		ticks = time.Tick(steady)
	}
	for {
		number := steadyLines
		select {
		case <-ticks:
		case <-floods:
			content, err := os.ReadFile(p.ledger.file.Name() + ".flood")
			if err != nil {
				return err
			}
			if number, err = strconv.Atoi(string(content)); err != nil {
				return err
			}
		}
		if err := p.lines(number); err != nil {
			return err
		}
	}
}

// lines writes lines that are known again, each with one write, every third to
// standard error.
func (p *program) lines(number int) error {
	p.ledger.asked += number
	if err := p.ledger.keep(); err != nil {
		return err
	}
	for range number {
		n := p.ledger.written + 1
		to := os.Stdout
		if n%3 == 0 {
			to = os.Stderr
		}
		if _, err := fmt.Fprintf(to, "chaos %s %d %s\n", p.id, n, strings.Repeat("x", n%97)); err != nil {
			return err
		}
		p.ledger.written = n
		if err := p.ledger.keep(); err != nil {
			return err
		}
	}
	return nil
}

// A ledger is a file in which a process says, even after it was killed, how many
// lines it was asked for, and of how many it knows that they were written.
type ledger struct {
	file           *os.File
	asked, written int
}

// open opens the ledger, which says also that the process is there, and who it is.
func (p *program) open() error {
	stat, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return err
	}
	const started = 19 // among the fields behind the name
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	p.id = fmt.Sprintf("%d.%s", os.Getpid(), fields[started])
	if p.run == "" {
		p.run = p.id
	}
	name := strings.Join([]string{p.role, p.name, os.Getenv("CF_INSTANCE_GUID"), p.run, p.id}, "_")
	file, err := os.Create(filepath.Join(os.Getenv(directoryVariable), name))
	if err != nil {
		return err
	}
	p.ledger = &ledger{file: file}
	return p.ledger.keep()
}

func (l *ledger) keep() error {
	_, err := l.file.WriteAt(fmt.Appendf(nil, "%10d %10d\n", l.asked, l.written), 0)
	return err
}
