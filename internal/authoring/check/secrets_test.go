package check_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
)

// python runs lines of Python with the secret in S and the buildpack's own directory in D.
func python(lines string) string {
	return "S=" + secretName + " D=$own python3 -c '" + lines + "'"
}

// hidden are ways to write a credential to the droplet other than as plain text: lines of supply,
// the file, and what is found.
var hidden = []struct{ lines, file, found string }{
	// compressed by gzip
	{`echo "token: ` + secretName + `" | gzip >"$own/agent.gz"`, "agent.gz", "API_TOKEN"},
	// in a compressed archive
	{`echo "` + secretName + `" >"$TMPDIR/conf"; tar -C "$TMPDIR" -czf "$own/agent.tgz" conf`, "agent.tgz", `API_TOKEN, in its entry "conf"`},
	// compressed in an archive
	{`echo "` + secretName + `" | gzip >"$TMPDIR/conf.gz"; tar -C "$TMPDIR" -cf "$own/agent.tar" conf.gz`, "agent.tar", `API_TOKEN, in its entry "conf.gz"`},
	// in a zip
	{python(`import os,zipfile;z=zipfile.ZipFile(os.environ["D"]+"/a.zip","w",zipfile.ZIP_DEFLATED);z.writestr("conf",os.environ["S"]*2);z.close()`), "a.zip", `API_TOKEN, in its entry "conf"`},
	// compressed by bzip2
	{python(`import os,bz2;open(os.environ["D"]+"/a.bz2","wb").write(bz2.compress(os.environ["S"].encode()))`), "a.bz2", "API_TOKEN"},
	// compressed by xz
	{python(`import os,lzma;open(os.environ["D"]+"/a.xz","wb").write(lzma.compress(os.environ["S"].encode()))`), "a.xz", "API_TOKEN"},
	// compressed by zlib
	{python(`import os,zlib;open(os.environ["D"]+"/a.z","wb").write(zlib.compress(os.environ["S"].encode()))`), "a.z", "API_TOKEN"},
	// in texts that begin like a file compressed by zlib or bzip2
	{`echo "x^` + secretName + `" >"$own/agent-4.conf"`, "agent-4.conf", "API_TOKEN"},
	{`echo "BZh9` + secretName + `" >"$own/agent-5.conf"`, "agent-5.conf", "API_TOKEN"},
	// in UTF-16
	{python(`import os;open(os.environ["D"]+"/a.txt","wb").write(os.environ["S"].encode("utf-16"))`), "a.txt", "API_TOKEN"},
	// as the password of HTTP's basic authentication
	{`printf 'bob:%s' "` + secretName + `" | base64 >"$own/agent-1.conf"`, "agent-1.conf", "API_TOKEN"},
	// in base64 of many lines
	{`for i in 1 2 3 4 5 6; do echo "$i ` + secretName + `"; done | base64 -w 20 >"$own/agent-2.conf"`, "agent-2.conf", "API_TOKEN"},
	// in hexadecimal digits
	{`printf %s "` + secretName + `" | od -An -v -tx1 | tr -d ' \n' >"$own/agent-3.conf"`, "agent-3.conf", "API_TOKEN"},
	// as the name of a file
	{`touch "$own/` + secretName + `"`, "***", "API_TOKEN, in the name"},
	// as the target of a link
	{`ln -s "/opt/` + secretName + `" "$own/token"`, "token", "API_TOKEN"},
}

func testSecrets(t *testing.T, _ spec.G, it spec.S) {
	it("finds exactly the credentials in the droplet, however they are hidden", func() {
		b := goodBuildpack(t)
		var expected []any
		for _, f := range hidden {
			b.supply(f.lines + "\n# more")
			expected = append(expected, And(
				HaveField("Rule.ID", finding.SecretDroplet), WithTransform(finding.Finding.Where, Equal("deps/0/"+f.file)), HaveField("Found", ContainSubstring(f.found)),
			))
		}
		NewWithT(t).Expect(checked(t, b.directory, func(options *check.Options) { options.Staging.Quick = true })).To(ConsistOf(expected...))
	})

	it("finds exactly a credential that bin/finalize writes to the droplet", func() {
		expectFault(t, breakage{spoil: func(b buildpack) {
			b.replace("bin/finalize", "set -euo pipefail\n", "set -euo pipefail\necho \""+secretName+"\" > \"$3/$4/token\"\n")
		}, rule: finding.SecretDroplet, where: "deps/0/token", found: "API_TOKEN"}, nil)
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
