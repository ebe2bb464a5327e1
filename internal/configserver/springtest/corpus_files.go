package springtest

import "strings"

// corpusFiles are the files of a Corpus on its branch main.
func corpusFiles() map[string]string {
	long := strings.Repeat("word ", 30)
	return map[string]string{
		"application.yml": `
shared: {name: common, url: "http://${shared.name}/"}
list: [one, two, three]
level: application
nothing: null
`,
		"application-dev.yml":  "level: application-dev\nlist: [dev]\n",
		"application-prod.yml": "level: application-prod\nprod: {only: true}\n",
		"app.yml": `
level: app
app: {name: the app, "with.dot": 1, nested: {deep: [1, [2, 3], {a: b}]}}
logging.level: {org: INFO, org.app: DEBUG}
`,
		"app-dev.yml":        "level: app-dev\nurl: http://dev/${shared.name}\n",
		"app-prod.yml":       "level: app-prod\nlist: [prod, \"${level}\"]\n",
		"app.properties":     "from = properties\ncolon\\:key: a=b\nx=0\nx.y=1\nx.y.z=2\nunicode=gr\\u00fc\\u00dfe\nlines=a\\\n  b\\nc\nempty\nservers[0].host=h0\nservers[1].host=h1\n",
		"app-dev.properties": "from=properties-dev\nservers[0].port=1\n",
		"my-app.yml":         "level: my-app\n",
		"my-app-dev.yaml":    "level: my-app-dev\nyaml: true\n",
		"scalars.yml": `
int: [0, 42, -7, 010, 0x1F, 1_000, 12345678901, 123456789012345678901234567890]
float: [1.5, -0.25, 1e10, 1.0e-5, 100000000.0, 12345678.9, .5, 3.0]
bool: {t: true, f: false, "yes": yes, quoted: "true"}
text: ["", " x", "x ", "42", "1.5", "true", "null", "~", "<<", "=", "yes", "y", "1:30", 2001-12-14, "2001-12-14 21:59:43.10 -5", "0x1f", "007", "08", ".inf"]
marks: ["a: b", "a:b", "a:", "a #b", "a#b", "- a", "-a", "?", "? a", ":a", "---", "...", "*a", "&a", "!a", "|", ">", "%a", "@a", "` + "`" + `a", "a,b", "[a", "{a", "it's", "'", "say \"hi\"", "back\\slash"]
control: ["a\tb", "a\rb", "\0", "\e[0m", "\x7f"]
unicode: ["größe", "日本", "😀", "\u00a0", "\u0085", "\u2028", "\ufeffx"]
break: ["a\nb", "a\n", "a\n\n", "\n", "\na", " a\nb", "a \nb", "a\n b", "a\nb "]
long: ["` + long + `end", "- ` + long + `end", "tab\t` + long + `end", "` + strings.Repeat("größe ", 30) + `end", "` + strings.Repeat("x", 90) + ` y z", "` + long + `\n` + long + `end"]
` + strings.Repeat("k", 130) + `: long key
"key: with marks": 1
"": empty key
"true": quoted
1: number
`,
		"lists.yml": `
list: [own]
empty: {list: [], map: {}}
deep: [[1, 2], [[3]], {a: [{b: [c]}]}]
`,
		"lists-dev.properties": "deep[2].a[0].b[1]=d\nlist[2]=two\n",
		"placeholders.yml": `
host: h
port: 80
which: host
url: "http://${host}:${port}/${shared.name}"
chain: "${url}index"
default: {text: "${nowhere:fallback}", empty: "${nowhere:}", nested: "${nowhere:${url}}", colon: "${nowhere:a:b}", braces: "${nowhere:{x}}"}
nested: "${${which}}"
missing: "${nowhere}"
blank: "${ host }"
escaped: '\${host} and \\${host}'
open: "${host"
odd: ["$host", "{host}", "${}", "${:d}"]
list: ["${host}", "${list[0]}"]
lines: "${host}\n${port}"
`,
		"placeholders-dev.yml": "host: dev\n",
		"documents.yml": `
level: first
both: first
---
spring: {config: {activate: {on-profile: dev}}}
level: second, for dev
---
spring.config.activate.on-profile: prod | cloud
level: third, for prod or cloud
---
both: last
`,
		"cyclic.yml":           "a: ${b}\nb: ${a}\n",
		"dangling.yml":         "a: ${b}\nb: ${nowhere}\n",
		"excluding.properties": "a=1\na[0]=2\n",
		"sequence.yml":         "- a\n- {b: c}\n",
		"text.yml":             "only text\n",
		"empty.yml":            "",

		"my.app.yml": "name: dotted\n", "größe.yml": "name: not ASCII\n", "a b.yml": "name: with a blank\n", "a+b.yml": "name: plus\n", "日本.yml": "name: not Latin\n",
		"a\x01b.yml": "name: with a control character\n", "app-x.y.yml": "profile: dotted\n", "sub/app.yml": "folder: sub\n",
	}
}
