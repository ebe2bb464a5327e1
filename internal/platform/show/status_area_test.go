package show

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// A glass is a terminal that does what a screen asks for, and remembers all that it has
// shown above.
type glass struct {
	mutex    sync.Mutex
	rows     [][]rune
	row, col int
	writes   int
	erased   int
}

func (g *glass) Write(text []byte) (int, error) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.writes++
	for rest := []rune(string(text)); len(rest) > 0; {
		rest = rest[g.take(rest):]
	}
	return len(text), nil
}

// take does what the first of some characters ask for, and returns their number.
func (g *glass) take(text []rune) int {
	for len(g.rows) <= g.row {
		g.rows = append(g.rows, nil)
	}
	switch text[0] {
	case '\n':
		g.row, g.col = g.row+1, 0
	case '\r':
		g.col = 0
	case '\x1b':
		end := strings.IndexAny(string(text), "JAm") // all of it is ASCII
		g.control(string(text[2:end]), text[end])
		return end + 1
	default:
		g.rows[g.row] = append(g.rows[g.row][:g.col], text[0])
		g.col++
	}
	return 1
}

func (g *glass) control(argument string, command rune) {
	switch command {
	case 'J':
		g.rows = g.rows[:g.row+1]
		g.rows[g.row] = g.rows[g.row][:g.col]
		g.erased++
	case 'A':
		up, err := strconv.Atoi(argument)
		if err != nil || up > g.row {
			panic("the cursor leaves the terminal: " + argument)
		}
		g.row -= up
	}
}

func (g *glass) String() string {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	var lines []string
	for _, row := range g.rows {
		lines = append(lines, string(row))
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// A label is a footer.
type label struct {
	changed chan struct{}
	mutex   sync.Mutex
	lines   []string
}

func newLabel(lines ...string) *label {
	return &label{changed: make(chan struct{}, 1), lines: lines}
}

func (l *label) set(lines ...string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.lines = lines
	l.changed <- struct{}{}
}

func (l *label) Changed() <-chan struct{} { return l.changed }

func (l *label) Lines() []string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.lines
}

func testStatusArea(t *testing.T, context spec.G, it spec.S) {
	// The clock of each case is its own, and no time passes.
	bubble := func(name string, work func(t *testing.T)) {
		it(name, func() { synctest.Test(t, work) })
	}

	// settle lets as much time pass as it takes until a footer may be drawn again.
	settle := func() {
		time.Sleep(footerInterval)
		synctest.Wait()
	}

	bubble("stays below the log, and is gone at its end", func(t *testing.T) {
		Expect := NewWithT(t).Expect
		to, footer := &glass{}, newLabel("head", "row")
		output := NewOutputWithStatus(to, footer)
		fmt.Fprintln(output, "one")
		synctest.Wait()
		Expect(to.String()).To(Equal("one\nhead\nrow"))
		settle()
		fmt.Fprintln(output, "two")
		synctest.Wait()
		Expect(to.String()).To(Equal("one\ntwo\nhead\nrow"))
		footer.set("head", "row", "another")
		settle()
		Expect(to.String()).To(Equal("one\ntwo\nhead\nrow\nanother"))
		footer.set()
		settle()
		Expect(to.String()).To(Equal("one\ntwo"))
		footer.set("head")
		settle()
		fmt.Fprintln(output, "three")
		Expect(output.Close()).To(Succeed())
		Expect(to.String()).To(Equal("one\ntwo\nthree"))
		Expect(to.row).To(Equal(3), "the cursor is below the log")
	})

	bubble("writes nothing while nothing changes, and no footer without one", func(t *testing.T) {
		Expect := NewWithT(t).Expect
		to, footer := &glass{}, newLabel()
		output := NewOutputWithStatus(to, footer)
		for range 3 {
			fmt.Fprintln(output, "line")
			synctest.Wait()
		}
		Expect(to.writes).To(Equal(3))
		Expect(to.erased).To(BeZero())
		footer.set("head")
		settle()
		Expect(to.writes).To(Equal(4))
		footer.set("head")
		settle()
		Expect(to.writes).To(Equal(4))
		Expect(output.Close()).To(Succeed())
	})

	bubble("loses no line of a flood, and is drawn ten times a second at most", func(t *testing.T) {
		Expect := NewWithT(t).Expect
		to := &glass{}
		output := NewOutputWithStatus(to, newLabel("head", "row"))
		var expected strings.Builder
		for i := range 100 {
			for j := range 1000 {
				fmt.Fprintln(output, i, j)
				fmt.Fprintln(&expected, i, j)
			}
			time.Sleep(10 * time.Millisecond)
		}
		Expect(output.Close()).To(Succeed())
		Expect(to.String()).To(Equal(strings.TrimSuffix(expected.String(), "\n")))
		Expect(to.erased).To(BeNumerically("<=", 11))
	})

	bubble("holds back no more of the log than is reasonable", func(t *testing.T) {
		Expect := NewWithT(t).Expect
		to := &glass{}
		output := NewOutputWithStatus(to, newLabel("head"))
		long := strings.Repeat("x", maxLine)
		for range 2 * heldBytes / maxLine {
			fmt.Fprintln(output, long)
		}
		synctest.Wait()
		Expect(len(to.String())).To(BeNumerically(">", heldBytes))
		Expect(output.Close()).To(Succeed())
	})

	bubble("waits for a slow reader of much, even where it is told to hasten", func(t *testing.T) {
		Expect := NewWithT(t).Expect
		read, write := io.Pipe()
		output := NewOutputWithStatus(write, newLabel("head"))
		text := strings.Repeat(strings.Repeat("x", 99)+"\n", 200)
		go func() {
			fmt.Fprint(output, text)
			fmt.Fprint(output, text)
			output.Expedite()
			Expect(output.Close()).To(Succeed())
			Expect(write.Close()).To(Succeed())
		}()
		all := 0
		for chunk := make([]byte, terminalBytes); ; {
			time.Sleep(outputPatience * 9 / 10)
			n, err := read.Read(chunk)
			if all += n; err != nil {
				break
			}
		}
		Expect(all).To(BeNumerically(">", 2*len(text)))
	})

	context("failure cases", func() {
		bubble("gives up on a terminal that takes nothing but a footer, once it is told to hasten", func(t *testing.T) {
			Expect := NewWithT(t).Expect
			read, write := io.Pipe()
			footer := newLabel()
			output := NewOutputWithStatus(write, footer)
			footer.set("head")
			time.Sleep(time.Hour)
			output.Expedite()
			Expect(output.Close()).To(MatchError("the end of the log could not be written: its reader does not read"))
			Expect(read.Close()).To(Succeed())
		})

		bubble("does not give up on a line that is held back", func(t *testing.T) {
			Expect := NewWithT(t).Expect
			to := &glass{}
			output := NewOutputWithStatus(to, newLabel("head"))
			output.Expedite()
			for range 20 {
				time.Sleep(2 * outputPatience)
				fmt.Fprintln(output, "at once")
				fmt.Fprintln(output, "held back")
			}
			Expect(output.Close()).To(Succeed())
			Expect(strings.Count(to.String(), "held back")).To(Equal(20))
		})

		bubble("tells of a write that fails, and takes what is written from then on", func(t *testing.T) {
			Expect := NewWithT(t).Expect
			read, write := io.Pipe()
			Expect(read.CloseWithError(errors.New("hung up"))).To(Succeed())
			output := NewOutputWithStatus(write, newLabel("head"))
			for range 10 * outputQueue {
				fmt.Fprintln(output, "line")
			}
			Expect(<-output.Failed()).To(MatchError("hung up"))
			Expect(output.Close()).To(Succeed())
		})
	})
}
