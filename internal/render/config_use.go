package render

import (
	"slices"
	"text/template/parse"
)

// UsesConfig reports whether a spec uses values of the app's configuration. A template that cannot
// be read uses none.
func UsesConfig(spec Spec, sources Sources) bool {
	return slices.ContainsFunc(spec.Env, func(v Variable) bool { return v.Config != "" }) ||
		slices.ContainsFunc(spec.Files, func(f File) bool { return f.Copy == "" && usesConfig(f, sources) })
}

func usesConfig(f File, sources Sources) bool {
	if files := sources.App; f.Template == nil && (f.InBuildpack && sources.Buildpack == nil || !f.InBuildpack && files == nil) {
		return false
	}
	source, err := sources.template(f)
	if err != nil {
		return false
	}
	parsed, err := parseTemplate(source, (&scope{}).functions())
	if err != nil {
		return false
	}
	for _, one := range parsed.Templates() {
		if one.Tree != nil && callsAnywhere(one.Root, "config") {
			return true
		}
	}
	return false
}

// callsAnywhere reports whether a prepared template calls a function, in any branch.
func callsAnywhere(root *parse.ListNode, function string) (found bool) {
	inspect(root, func(node parse.Node) {
		called, ok := node.(*parse.IdentifierNode)
		found = found || ok && (called.Ident == function || called.Ident == function+optionalSuffix)
	})
	return found
}
