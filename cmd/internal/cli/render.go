package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/cell"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/stage"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/render"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/startenv"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/suggest"
)

// A renderedApp has the variables and files of one app's sidecar. Its JSON is stable.
type renderedApp struct {
	Name    string          `json:"name"`
	Sidecar string          `json:"sidecar"`
	Env     []renderedValue `json:"env"`
	Files   []renderedFile  `json:"files"`
}

type renderedValue struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type renderedFile struct {
	Path    string `json:"path"` // below $SIDECAR_FILES
	Content string `json:"content"`
}

func (t *tool) render() *cobra.Command {
	var app appFlags
	var services serviceFlags
	var output string
	c := &cobra.Command{
		Use:   "render SIDECAR_NAME [APP_NAME]",
		Short: "Show the variables and files that a sidecar gets from bound services, with secrets masked",
		Long: "Shows the variables and the files below $SIDECAR_FILES that a sidecar gets before each start. It stages and writes\n" +
			"nothing. Values of bound services and of the environment appear as " + render.Mask + "; so does everything that a variable or a\n" +
			"service sets for the sidecar itself." + environmentHelp(),
		Args: oneSidecar,
		RunE: func(c *cobra.Command, args []string) error {
			applications, err := app.applications(args[1:])
			if err == nil {
				err = services.bind(c, t.environ, applications)
			}
			if err != nil {
				return err
			}
			var all []renderedApp
			var problems []error
			for _, one := range applications {
				rendered, err := t.renderApp(one, args[0])
				if err != nil {
					problems = append(problems, fmt.Errorf("%s: %w", printable.Name(one.Name), err))
					continue
				}
				all = append(all, rendered)
			}
			if err := showRendered(t.stdout, all, output); err != nil {
				return err
			}
			return errors.Join(problems...)
		},
	}
	app.add(c, forStaging)
	services.add(c)
	addOutput(c, &output, "output `FORM`: "+outputText+" or "+outputJSON)
	c.ValidArgsFunction = func(c *cobra.Command, args []string, toComplete string) ([]string, cobra.ShellCompDirective) {
		if len(args) == 0 {
			return t.sidecarNames(&app, &services), cobra.ShellCompDirectiveNoFileComp
		}
		return completeApp(c, args[1:], toComplete)
	}
	return c
}

// sidecarNames returns the sidecars of the selected apps, for completion. It ignores errors.
func (t *tool) sidecarNames(app *appFlags, services *serviceFlags) (names []string) {
	applications, err := app.applications(nil)
	if err != nil || services.bind(app.flags, t.environ, applications) != nil {
		return nil
	}
	for _, one := range applications {
		declared, _ := t.declared(one)
		for _, made := range declared.sidecars {
			names = append(names, made.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// oneSidecar accepts the name of a sidecar and, optionally, that of an app.
func oneSidecar(c *cobra.Command, args []string) error {
	if len(args) == 0 || len(args) > 2 {
		return usageError{c.CommandPath(), fmt.Errorf("found %d arguments; expected the name of a sidecar, and at most that of an app", len(args))}
	}
	return nil
}

// renderApp renders the variables and files of an app's sidecar.
func (t *tool) renderApp(app push.Application, name string) (renderedApp, error) {
	declared, err := t.declared(app)
	if err != nil {
		return renderedApp{}, err
	}
	made, err := declared.find(name)
	if err != nil {
		return renderedApp{}, err
	}
	files, err := push.OpenApp(app.Path, app.SecretFiles...)
	if err != nil {
		return renderedApp{}, err
	}
	defer files.Close() // it was only read
	own, end, err := t.openBuildpack(made.by.source)
	if err != nil {
		return renderedApp{}, err
	}
	defer end()
	d := made.Definition
	spec := render.Spec{Name: d.Name, Memory: d.Memory, Binding: d.Binding}
	spec.Env, spec.Files = startenv.RenderInput(d)
	if d.Supervision.EnvFrom != "" {
		maskStated(spec.Env)
	}
	environ := cell.SampleEnvironment(app, d.ProcessTypes[0], d.Memory)
	preview, err := render.Show(spec, t.services(app).Bound, environ, render.Sources{App: files, Buildpack: own})
	if err != nil {
		return renderedApp{}, err
	}
	return shownOf(app.Name, d, preview), nil
}

// maskStated masks the sidecar's variables whose values a variable or a service sets.
func maskStated(variables []render.Variable) {
	masked := render.Mask
	for i := range variables {
		if v := &variables[i]; v.Binding == "" {
			v.Value = masked
		} else if v.Default != nil {
			v.Default = &masked
		}
	}
}

func shownOf(app string, d sidecar.Definition, preview render.Preview) renderedApp {
	shown := renderedApp{Name: app, Sidecar: d.Name, Env: []renderedValue{}, Files: []renderedFile{}}
	for _, s := range preview.Env {
		shown.Env = append(shown.Env, renderedValue{s.Name, s.Value})
	}
	for _, f := range preview.Files {
		content := string(f.Content)
		switch {
		case d.FilesFrom != "":
			content = render.Mask + "\n" // the template itself may be a secret
		case !utf8.Valid(f.Content):
			content = fmt.Sprintf("(%d bytes that are not text)\n", len(f.Content))
		}
		shown.Files = append(shown.Files, renderedFile{f.Path, content})
	}
	return shown
}

// openBuildpack opens the files of a buildpack of the push. The caller must call end.
func (t *tool) openBuildpack(name string) (files fs.FS, end func(), err error) {
	if name == push.BuiltinBuildpack {
		return t.carried.Buildpack.Files, func() {}, nil
	}
	opened, err := stage.OpenBuildpack(name)
	if err != nil {
		return nil, nil, err
	}
	return opened, func() { _ = opened.Close() }, nil // it was only read
}

// find returns the app's sidecar of this name.
func (d declaration) find(name string) (madeSidecar, error) {
	var names []string
	for _, made := range d.sidecars {
		if made.Name == name {
			return made, nil
		}
		names = append(names, made.Name)
	}
	for _, absent := range d.absent {
		if absent.Name == name {
			return madeSidecar{}, errors.New(absent.String())
		}
	}
	if len(names) == 0 {
		return madeSidecar{}, errors.Join(append([]error{fmt.Errorf("found no sidecar %q; the app has none", name)}, d.refused)...)
	}
	slices.Sort(names)
	return madeSidecar{}, fmt.Errorf("found no sidecar %q%s", name, suggest.Before(suggest.Name(name, names), "the app has "+strings.Join(names, ", ")))
}

// showRendered writes the rendered apps as text or JSON.
func showRendered(w io.Writer, all []renderedApp, output string) error {
	if output == outputJSON {
		return writeJSON(w, map[string][]renderedApp{"apps": all})
	}
	for i, one := range all {
		if i > 0 {
			fmt.Fprintln(w)
		}
		if _, err := io.WriteString(w, printable.Text(one.text())); err != nil {
			return err
		}
	}
	return nil
}

// text prints the variables first, then each file below its path, as head(1) prints several files.
func (r renderedApp) text() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s: %s\n", printable.Line(r.Name), printable.Line(r.Sidecar))
	if len(r.Env)+len(r.Files) == 0 {
		text.WriteString("\nNothing is made for it: it has no files, and no variables of its own.\n")
	}
	if len(r.Env) > 0 {
		text.WriteString("\n")
	}
	for _, v := range r.Env {
		fmt.Fprintf(&text, "%s=%s\n", v.Name, printable.Line(v.Value))
	}
	for _, f := range r.Files {
		fmt.Fprintf(&text, "\n==> $%s/%s <==\n%s", render.FilesVariable, printable.Line(f.Path), f.Content)
		if !strings.HasSuffix(f.Content, "\n") {
			text.WriteString("\n")
		}
	}
	return text.String()
}
