package bindings_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
)

// FuzzParse reads any text as VCAP_SERVICES. There is no panic; what is refused is not quoted; and
// what is taken reads the same from the file that is made of it, and has as many bindings in the
// directory, if Cloud Controller's rules allow for one.
func FuzzParse(f *testing.F) {
	f.Add([]byte(services))
	for _, content := range []string{
		"", "{}", "null", "{oops", "[]", `{"a": null}`, `{"a": [null]}`, `{"a": [{}]}`, `{"a":[{"name":"x","credentials":{"a":"\ud800","b":1e999}}]}`,
		`{"a":[{"name":"x"}],"a":[{"name":"y"}]}`, `{"a":"0","a":[]}`, `{"a":[{"name":"x","credentials":{"A":1}}]}`, `{"a":[{"name":"x","label":null,"tags":["\u0000"]}]} x`,
		`{"a":[{"name":"x","credentials":{"a":"[[[[","b":"{\"c\":{}}"}}]}`,
	} {
		f.Add([]byte(content))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		all, err := bindings.Parse(content)
		if err != nil {
			if len(content) > 8 && strings.Contains(err.Error(), string(content)) {
				t.Fatalf("quoted: %s", err)
			}
			var invalid *bindings.InvalidError
			if err := bindings.Check(content); !errors.As(err, &invalid) {
				t.Fatalf("no place: %v", err)
			}
			return
		}
		for _, binding := range all {
			for _, key := range binding.Keys() {
				_, _ = binding.Credential(key)
				_, _ = binding.Credential(key, "0", "a")
				alone, foundAlone := binding.Credential(key)
				if text, found := binding.Text(key); found != foundAlone || text != alone {
					t.Fatalf("the path %q: %q, %t; as a key: %q, %t", key, text, found, alone, foundAlone)
				}
				_, _ = binding.Value(key + ".0.a")
			}
		}
		var incompatible *bindings.IncompatibleError
		file, err := bindings.File(content)
		if err == nil {
			again, err := bindings.Parse(file)
			if err != nil || encoded(t, again) != encoded(t, all) {
				t.Fatalf("%s, %v\nfrom %s", encoded(t, again), err, file)
			}
		} else if !errors.As(err, &incompatible) {
			t.Fatal(err)
		}
		files, err := bindings.Directory(content)
		if err != nil {
			if !errors.As(err, &incompatible) {
				t.Fatal(err)
			}
			return
		}
		root := t.TempDir()
		for path, content := range files {
			path = filepath.Join(root, path)
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, content, 0o600)); err != nil {
				t.Fatal(err)
			}
		}
		found, err := bindings.ReadDirectory(root)
		if err != nil || len(found) != len(all) {
			t.Fatalf("%d bindings of %d, %v", len(found), len(all), err)
		}
		for _, binding := range found {
			if one, err := (bindings.Selector{Name: binding.Name}).Find(found); err == nil && one.Name != binding.Name && one.InstanceName != binding.Name {
				t.Fatalf("%q selects %q", binding.Name, one.Name)
			}
		}
	})
}

func encoded(t *testing.T, value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
