package check_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testtable"
)

func testGood(t *testing.T, _ spec.G, it spec.S) {
	it("finds nothing in a buildpack that keeps the rules", func() {
		NewWithT(t).Expect(checked(t, goodBuildpack(t).directory, nil)).To(BeEmpty())
	})

	it("finds nothing in a package that a profile has left dependencies out of", func() {
		b := goodBuildpack(t)
		b.replace("manifest.yml", "dependencies:\n- name: agent\n  version: 1.2.3\n", "dependencies:\n- name: other\n  file: dependencies/other\n  version: 1.2.3\n")
		b.replace("manifest.yml", "exclude: [agent]", "exclude: [agent, gone]")
		NewWithT(t).Expect(checked(t, b.directory, func(o *check.Options) { o.Static = true })).To(BeEmpty())
	})

	for name, script := range testtable.Sorted(map[string]string{
		"returns where it is sourced":       "[ -n \"$A\" ] || return 0 2>/dev/null || exit 0\nreturn 0 2>/dev/null || exit 0\nexit 1\n",
		"keeps the platform's PORT":         "export PORT=${PORT:-8080}\nPORT=\"${PORT-8080}\"\nexport VCAP_APP_PORT=\"$VCAP_APP_PORT\"\n",
		"sets PORT where it is empty":       "if [ -z \"${PORT:-}\" ]; then export PORT=8080; fi\n[ -n \"$PORT\" ] || PORT=8080\n[[ -z $PORT ]] && PORT=8080\n",
		"sets JAVA_OPTS where it is empty":  "export JAVA_OPTS=${JAVA_OPTS:--Da=b}\n[ \"$JAVA_OPTS\" ] || JAVA_OPTS=-Da=b\n",
		"goes back by OLDPWD":               "cd /tmp; ls; cd \"$OLDPWD\"\n",
		"goes back by cd -":                 "cd /tmp && ls && cd - >/dev/null\n",
		"goes back by popd":                 "pushd /tmp >/dev/null\npushd /var >/dev/null\npopd\npopd\n",
		"goes back to what it has saved":    "here=$(pwd)\nthere=\"$PWD\"\ncd /tmp\ncd /var\ncd \"$here\"\ncd /tmp\ncd \"$there\"\n",
		"goes back to the app":              "cd /tmp\ncd \"$HOME\"\ncd /tmp\ncd\n",
		"adds to PATH as the advice has it": "PATH=$DEPS_DIR/IDX/bin:$PATH\n",
	}) {
		it("finds nothing in a profile.d script that "+name+" (CF-14, CF-15)", func() {
			b := goodBuildpack(t)
			b.write("profile.d/x.sh", script, 0o644)
			NewWithT(t).Expect(checked(t, b.directory, func(o *check.Options) { o.Static = true })).To(BeEmpty())
		})
	}

	for _, script := range []string{
		`if [ "$(id -u)" = 0 ]; then sudo ls; fi`, `if [ "$(id -u)" != 0 ]; then ls; else sudo ls; fi`, `[ "$(id -u)" -eq 0 ] && sudo ls`,
		`[[ $EUID -ne 0 ]] || sudo ls`, `if (( EUID == 0 )); then chown root x; fi`, `if ! [ "$(whoami)" != root ]; then sudo ls; fi`,
	} {
		it("finds nothing in a script that calls sudo for root alone: "+script, func() {
			b := goodBuildpack(t)
			b.supply(script)
			NewWithT(t).Expect(checked(t, b.directory, func(o *check.Options) { o.Static = true })).To(BeEmpty())
		})
	}
}
