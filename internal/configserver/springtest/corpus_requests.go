package springtest

import (
	"net/http"
	"strings"
)

// corpusRequests are the requests of a Corpus. commit is a commit of its repository.
func corpusRequests(commit string) (requests []Request) {
	for _, path := range corpusPaths(commit) {
		requests = append(requests, Request{Path: path})
	}
	for _, method := range []string{http.MethodHead, http.MethodOptions, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodTrace, "PROPFIND", "get"} {
		for _, path := range []string{"/app/dev", "/app-dev.yml", "/app/dev/no-such", "/app/dev/main/no/such.txt", "/app", "/app//dev", "/app-dev.yml?resolvePlaceholders=maybe"} {
			requests = append(requests, Request{Method: method, Path: path})
		}
	}
	for _, accept := range corpusAccepts {
		for _, path := range []string{"/app/dev", "/app/dev/main", "/app/dev/no-such", "/app-dev.yml", "/no-such/app-dev.json", "/a*b/dev/main", "/app/-a", "/app//dev", "/app"} {
			requests = append(requests, Request{Path: path, Accept: accept})
		}
		requests = append(requests, Request{Method: http.MethodPost, Path: "/app/dev", Accept: accept})
	}
	return requests
}

// corpusAccepts are Accept headers. None of them prefers Spring's own media type for environments: answers of that
// have the origin of each value, which another server need not know.
var corpusAccepts = [][]string{
	{"text/html"}, {"application/yaml"}, {"application/xml"}, {"text/plain"}, {"image/*"}, {"application/hal+json"}, {""}, {" , "},
	{"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}, {"application/json, text/plain, */*"}, {"application/json, text/html;q=0"},
	{"application/json", "text/*"}, {"*/*;q=0"}, {"application/*;q=0.5, application/json;q=0.1"}, {"application/xml, application/json"},
	{"application/yaml, application/json"}, {"application/json;q=0.9, application/yaml"}, {"application/*+yaml"}, {"application/yaml;charset=utf-8"},
	{"application/json;charset=UTF-8"}, {`Application/JSON; charset="utf-8" ; a="b, c"`}, {"application/json;q=1.1"}, {"application/json, garbage"}, {"*/json"}, {"application/json;a="},
}

func corpusPaths(commit string) (paths []string) {
	names := []string{"app", "my-app", "scalars", "lists", "placeholders", "documents", "secrets", "missing", "application"}
	for _, name := range names {
		for _, profiles := range []string{"default", "dev", "dev,prod"} {
			paths = append(paths, "/"+name+"/"+profiles)
			for _, form := range []string{".json", ".yml", ".properties", ".yml?resolvePlaceholders=false", ".properties?resolvePlaceholders=false"} {
				paths = append(paths, "/"+name+"-"+profiles+form)
			}
		}
	}
	labels := []string{"main", "feature(_)one", "v1.0", "release-2", commit, strings.ToUpper(commit), "no-such", "no(_)such",
		"gr%C3%B6%C3%9Fe", "a(_)b(_)c", "a%28_%29b(_)c", "a+b", "v1.0.x", "main,v1.0", "v1.0,main", "main,no-such", "main,"}
	for _, label := range labels {
		paths = append(paths, "/app/dev/"+label, "/branch/default/"+label)
		for _, form := range []string{".json", ".yaml", ".properties"} {
			paths = append(paths, "/"+label+"/app-dev"+form, "/"+label+"/secrets-default"+form)
		}
	}
	for _, name := range []string{"my.app", "gr%C3%B6%C3%9Fe", "a%20b", "a+b", "a&b", "%E6%97%A5%E6%9C%AC", "a%01b", "a%09b", "%7F", "a*b", "a%3Fb", "a%0Db", "...", ".app", "app.", "~", "sub(_)app"} {
		for _, form := range []string{"/default", "/dev/main", "-dev.yml"} {
			paths = append(paths, "/"+name+form)
		}
	}
	return append(paths, strings.Fields(corpusOddities)...)
}

// corpusOddities are paths that are errors, or look as if they were.
const corpusOddities = `
/app/prod,dev /app/prod /app/cloud /app/nosuch,dev /app,my-app/dev /my-app,app/dev /app,my-app-dev.json /app-nosuch.yml
/prod/app-dev.yml /app-dev.YML /app-dev.xml /app.yml /app/dev.yml /app/x.y /app/x.json/main /app-x.y.yml
/app/a,,b /app/-a /app/a_ /app/a@b /app/a+b /app/%C3%A9 /app/a%2Cb /%61pp/dev /app/a%23b /app/a..b /a..b/dev /app/dev/a..b /(_)app/dev
/app/a&b /app/dev/a&b /a%2Eb/dev /a%2eb-dev.yml /a%25b/dev /app/dev/a%25b /a%E2%80%A8b/dev /app-a%E2%80%A9b.json
/app/dev/(_)main /a(_)b/dev /app /app/ /app/dev/ /app/dev/main/ /app/dev/main/no/such.txt /app-dev.yml/ /
/app/dev,dev /app/dev,%20prod /app/%20dev /app/, /app/dev, /app/default,dev /app/DEV /app/%E2%85%A7 /app/%C2%B2 /app/a.-b /app/(_) /app/%E2%80%8Bdev
/app/dev/main* /app/dev/%3F /app/dev/main%5E /app/dev/HEAD~1 /app/dev/@ /app/dev/main%09 /app/dev/%20main /app/dev/-main /app/dev/main.lock /app/dev/'
/a*b/dev/ /a*b/dev/main/x /app/-a/main/x /app/dev/main/a..b /app/dev/main/a*b /app/dev/main/(_)x /app/dev/no-such/x /app/dev/x?useDefaultLabel /a*b/dev/x?useDefaultLabel
/-dev.yml /app-.yml /-.json /-.properties /app-.yaml /--dev.yml /---.yml /main/-dev.json /main/app-.properties /no-such/-dev.json /a*b-.yml /app-,.yml /.yml /-yml /main/-.yml
/app-dev.yml?resolvePlaceholders=no /app-dev.yml?resolvePlaceholders=1 /app-dev.yml?resolvePlaceholders= /app-dev.yml?resolvePlaceholders=maybe
/app-dev.yml?a;b /app-dev.yml?resolvePlaceholders=false;x=1 /app-dev.yml?%zz /app-dev.yml?%ff=1 /app-dev.yml?resolvePlaceholders=+false /app-dev.yml?resolvePlaceholders=false&resolvePlaceholders=true
/cyclic/default /cyclic-default.json /cyclic-default.properties /cyclic-default.yml?resolvePlaceholders=false
/dangling/default /dangling-default.json /dangling-default.yml /dangling-default.properties
/excluding/default /excluding-default.json /excluding-default.yml /excluding-default.properties
/sequence/default /sequence-default.json /sequence-default.yml /sequence-default.properties
/text/default /text-default.json /text-default.yml /text-default.properties
/empty/default /empty-default.json /empty-default.yml /empty-default.properties
`
