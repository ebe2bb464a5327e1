package supervision

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// FuzzSpecs reads any text as a file of specs: there is no panic, and what is taken is the
// same after it has been written and read again.
func FuzzSpecs(f *testing.F) {
	f.Add("name \"a\"\nenv \"A=b=c\"\ndepends-on \"b\"\nreadiness-health-check-type \"http\"\nreadiness-health-check-port \"$PORT\"\nstop-after-app \"true\"\n")
	f.Add("name \"a\"\nmemory-limit \"-1\"\nrestart-limit \"99999999999999999999\"\n")
	f.Add("env \"A=b\"\nname \"a\"\n")
	f.Add("name \"a\"\nname \"a\"\nhealth-check- \"\"\nhealth-check-type \"\\xff\\x00\"\r\n")
	directory := f.TempDir()
	f.Fuzz(func(t *testing.T, content string) {
		if err := os.WriteFile(filepath.Join(directory, FileName), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		specs, err := Read(directory)
		if err != nil {
			return
		}
		if err := Write(directory, specs); err != nil {
			t.Fatal(err)
		}
		again, err := Read(directory)
		if err != nil || !reflect.DeepEqual(specs, again) {
			t.Fatalf("written: %#v; read: %#v, %v", specs, again, err)
		}
	})
}

// FuzzState reads any text as the state of a supervised command: there is no panic, and what
// is taken makes sense for whoever shows it or sends signals by it.
func FuzzState(f *testing.F) {
	f.Add(`{"name":"a","phase":"ready","pid":1,"supervisor":2,"process_start":3,"since":"2026-01-01T00:00:00Z"}`)
	f.Add(`{"name":"a","phase":"ready","pid":-1}`)
	f.Add(`{"name":"b","phase":"ready"}`)
	f.Add(`{"name":"a","phase":"waiting","restarts":1e400}`)
	f.Add(strings.Repeat(`{"a":`, 10001))
	directory := f.TempDir()
	path := StatePath(directory, 0)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, content string) {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		state, err := ReadState(directory, []Spec{{Name: "a"}}, 0)
		if err != nil {
			return
		}
		if state.Name != "a" || state.Phase == "" || state.Pid < 0 || state.Supervisor < 0 || state.Restarts < 0 {
			t.Fatalf("taken: %#v", state)
		}
	})
}
