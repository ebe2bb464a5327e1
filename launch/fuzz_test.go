package launch_test

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// FuzzRead reads any text as the launch.yml of another buildpack: there is no panic, and what
// may be written of it is the same when it is read again.
func FuzzRead(f *testing.F) {
	f.Add("processes:\n- type: a b\n  command: run\n  limits: {memory: 32}\n  platforms: {cloudfoundry: {sidecar_for: [web]}}\n")
	f.Add("processes:\n- {type: web, command: \" x\\n y\"}\n- {type: web}\n")
	f.Add("processes: [{type: a, command: b, limits: {memory: 256M}}]")
	f.Add("processes: &a [{type: *a}]")
	f.Add("a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\nprocesses: ~\n")
	f.Add("processes: [{type: yes, command: 0x10}, {type: \"\\u0085\", command: \"\\ttab\"}]")
	directory := f.TempDir()
	path := filepath.Join(directory, launch.FileName)
	f.Fuzz(func(t *testing.T, content string) {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		processes, err := launch.Read(path)
		if err != nil || launch.Write(directory, processes) != nil {
			return
		}
		again, err := launch.Read(path)
		if err != nil || len(processes)+len(again) > 0 && !reflect.DeepEqual(processes, again) {
			t.Fatalf("written: %#v; read: %#v, %v", processes, again, err)
		}
	})
}
