package check_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
)

// python has a supply run lines of Python with the secret in S and its own directory in D.
func python(lines string) func(b buildpack) {
	return supply("S=" + secretName + " D=$own python3 -c '" + lines + "'")
}

// hidden are credentials in the droplet that are not there as plain text of a file.
var hidden = []breakage{
	{"compressed by gzip", supply(`echo "token: ` + secretName + `" | gzip >"$own/agent.gz"`), finding.SecretDroplet, "deps/0/agent.gz", "API_TOKEN"},
	{"in a compressed archive", supply(`echo "` + secretName + `" >"$TMPDIR/conf"; tar -C "$TMPDIR" -czf "$own/agent.tgz" conf`), finding.SecretDroplet, "deps/0/agent.tgz", `API_TOKEN, in its entry "conf"`},
	{"compressed in an archive", supply(`echo "` + secretName + `" | gzip >"$TMPDIR/conf.gz"; tar -C "$TMPDIR" -cf "$own/agent.tar" conf.gz`), finding.SecretDroplet, "deps/0/agent.tar", `API_TOKEN, in its entry "conf.gz"`},
	{"in a zip", python(`import os,zipfile;z=zipfile.ZipFile(os.environ["D"]+"/a.zip","w",zipfile.ZIP_DEFLATED);z.writestr("conf",os.environ["S"]*2);z.close()`), finding.SecretDroplet, "deps/0/a.zip", `API_TOKEN, in its entry "conf"`},
	{"compressed by bzip2", python(`import os,bz2;open(os.environ["D"]+"/a.bz2","wb").write(bz2.compress(os.environ["S"].encode()))`), finding.SecretDroplet, "deps/0/a.bz2", "API_TOKEN"},
	{"compressed by xz", python(`import os,lzma;open(os.environ["D"]+"/a.xz","wb").write(lzma.compress(os.environ["S"].encode()))`), finding.SecretDroplet, "deps/0/a.xz", "API_TOKEN"},
	{"compressed by zlib", python(`import os,zlib;open(os.environ["D"]+"/a.z","wb").write(zlib.compress(os.environ["S"].encode()))`), finding.SecretDroplet, "deps/0/a.z", "API_TOKEN"},
	{"in UTF-16", python(`import os;open(os.environ["D"]+"/a.txt","wb").write(os.environ["S"].encode("utf-16"))`), finding.SecretDroplet, "deps/0/a.txt", "API_TOKEN"},
	{"as the password of HTTP's basic authentication", supply(`printf 'bob:%s' "` + secretName + `" | base64 >"$own/agent.conf"`), finding.SecretDroplet, "deps/0/agent.conf", "API_TOKEN"},
	{"in base64 of many lines", supply(`for i in 1 2 3 4 5 6; do echo "$i ` + secretName + `"; done | base64 -w 20 >"$own/agent.conf"`), finding.SecretDroplet, "deps/0/agent.conf", "API_TOKEN"},
	{"in hexadecimal digits", supply(`printf %s "` + secretName + `" | od -An -v -tx1 | tr -d ' \n' >"$own/agent.conf"`), finding.SecretDroplet, "deps/0/agent.conf", "API_TOKEN"},
	{"as the name of a file", supply(`touch "$own/` + secretName + `"`), finding.SecretDroplet, "deps/0/***", "API_TOKEN, in the name"},
	{"as the target of a link", supply(`ln -s "/opt/` + secretName + `" "$own/token"`), finding.SecretDroplet, "deps/0/token", "API_TOKEN"},
}

func testSecrets(t *testing.T, context spec.G, it spec.S) {
	context("finds exactly a credential in the droplet that is", func() {
		for _, f := range hidden {
			it(f.name, func() {
				expectFault(t, f, func(options *check.Options) { options.Staging.Quick = true })
			})
		}

		it("written by bin/finalize", func() {
			expectFault(t, breakage{spoil: func(b buildpack) {
				b.replace("bin/finalize", "set -euo pipefail\n", "set -euo pipefail\necho \""+secretName+"\" > \"$3/$4/token\"\n")
			}, rule: finding.SecretDroplet, where: "deps/0/token", found: "API_TOKEN"}, nil)
		})
	})

	it("finds no credential in what the app already has of it", func() {
		b := goodBuildpack(t)
		app := buildpack{t, t.TempDir()}
		app.write("Procfile", "web: sleep 600\n", 0o644)
		app.write(".env", "PASSWORD=of-the-user-of-the-app\n", 0o644)
		NewWithT(t).Expect(checked(t, b.directory, func(options *check.Options) {
			options.Staging.App = app.directory
			options.Staging.Environment = map[string]string{"PASSWORD": "of-the-user-of-the-app"}
		})).To(BeEmpty())
	})
}
