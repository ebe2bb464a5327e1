//go:build ignore

// Command config measures how fast config-server answers /config, compared with bare handlers of
// net/http that write the same bytes. All take turns in one run, in another order each time.
//
//	config PROGRAM SECONDS     measures that config-server; each turn takes this long
//	config serve KIND FILE     is a bare handler of this kind, at a port that it prints
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// rounds is how many turns each server has.
const rounds = 31

func main() {
	held, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "config:", err)
		os.Exit(2)
	}
	if !held {
		os.Exit(1)
	}
}

func run(args []string) (held bool, err error) {
	switch {
	case len(args) == 3 && args[0] == "serve":
		return true, serveBare(args[1], args[2])
	case len(args) == 2:
		seconds, err := strconv.ParseFloat(args[1], 64)
		if err != nil || seconds <= 0 {
			return false, fmt.Errorf("found %q; expected a number of seconds", args[1])
		}
		return measure(args[0], time.Duration(seconds*float64(time.Second)))
	default:
		return false, errors.New("expected PROGRAM SECONDS, or serve KIND FILE")
	}
}

// measure prints the table, and tells whether all bars are held.
func measure(program string, turn time.Duration) (held bool, err error) {
	work, err := os.MkdirTemp("", "config-*")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(work)
	printHead()
	held = true
	for _, size := range []int{64, 4 << 10, 64 << 10} {
		path := filepath.Join(work, strconv.Itoa(size)+".json")
		if err := os.WriteFile(path, content(size), 0o600); err != nil {
			return false, err
		}
		good, err := compare(program, path, size, turn)
		if err != nil {
			return false, err
		}
		held = held && good
	}
	return held, nil
}

// content is JSON of about a size, as config-server answers it.
func content(size int) []byte {
	var out bytes.Buffer
	out.WriteString(`{"a":1`)
	for i := 0; out.Len() < size-40; i++ {
		fmt.Fprintf(&out, `,"key.%06d":"value-%d"`, i, i)
	}
	out.WriteString("}\n")
	return out.Bytes()
}

// compare prints the rows of one size.
func compare(program, path string, size int, turn time.Duration) (held bool, err error) {
	ours, err := startOurs(program, path)
	if err != nil {
		return false, err
	}
	defer ours.stop()
	var bare []*server
	for _, kind := range bareKinds {
		started, err := startBare(kind, path)
		if err != nil {
			return false, err
		}
		defer started.stop()
		bare = append(bare, started)
	}
	if err := takeTurns(append(slices.Clone(bare), ours), turn); err != nil {
		return false, err
	}
	held = true
	for _, b := range bare {
		held = report(size, b, ours) && held
	}
	return held, nil
}

// takeTurns measures each server once in a round. Before that comes a round for the caches. The order rotates, and turns
// around after each rotation.
func takeTurns(servers []*server, turn time.Duration) error {
	for round := -1; round < rounds; round++ {
		order := slices.Clone(servers)
		if first := (round + 1) % (2 * len(servers)); first < len(servers) {
			order = append(order[first:], order[:first]...)
		} else {
			first -= len(servers)
			order = append(order[first:], order[:first]...)
			slices.Reverse(order)
		}
		for _, s := range order {
			measured, err := load(s.address, turn)
			if err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			if round >= 0 {
				s.turns = append(s.turns, measured)
			}
		}
	}
	return nil
}
