package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/listing"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/manifest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

// findings are what there is to say of what was validated.
type findings struct {
	problems []string // what will not work
	notes    []string // what works, and may not be what was meant
}

func (f *findings) problem(format string, args ...any) {
	f.add(&f.problems, fmt.Sprintf(format, args...))
}

func (f *findings) note(format string, args ...any) {
	f.add(&f.notes, fmt.Sprintf(format, args...))
}

// add says everything once: two apps of a manifest may share a file.
func (f *findings) add(list *[]string, text string) {
	if !slices.Contains(*list, text) {
		*list = append(*list, text)
	}
}

func (t *tool) validate() *cobra.Command {
	var app appFlags
	var previous string
	c := &cobra.Command{
		Use:   "validate [FILE...]",
		Short: "Check sidecars.yml, a catalog or an app manifest without staging",
		Long: "Checks an app with its manifest, its sidecars.yml and the catalogs of its buildpacks, or single files of these\n" +
			"kinds. Besides what is wrong with them, it tells what Cloud Controller would drop without a word, and what it\n" +
			"would refuse of the first push, of the next one and of one after a rollback.",
		RunE: func(validate *cobra.Command, files []string) error {
			var found findings
			var err error
			if len(files) > 0 {
				if err := refuseUnused(validate); err != nil {
					return err
				}
				err = t.validateFiles(files, &app, &found)
				if err == nil && !app.loaded {
					err = app.refuseVariables("no file is an app manifest")
				}
			} else {
				err = t.validateApps(&app, previous, &found)
			}
			if err != nil {
				return err
			}
			return t.tell(found)
		},
	}
	app.add(c, forStaging|forRunning)
	c.Flags().StringVar(&previous, "previous", "", "`PATH` of the manifest that the app was pushed with before, or of its directory, to see what the next push comes to")
	return c
}

// refuseUnused refuses flags that a check of single files has no use for.
func refuseUnused(validate *cobra.Command) (err error) {
	readsManifest := []string{"var", "vars-file"}
	validate.Flags().Visit(func(flag *pflag.Flag) {
		if !slices.Contains(readsManifest, flag.Name) && err == nil {
			err = usageError{validate.CommandPath(), fmt.Errorf("--%s is for an app, and not for single files", flag.Name)}
		}
	})
	return err
}

func (t *tool) tell(found findings) error {
	for _, text := range listing.Lines(found.problems) {
		if _, err := fmt.Fprintln(t.stdout, printable.Text(text)); err != nil {
			return err
		}
	}
	for _, text := range listing.Lines(found.notes) {
		if _, err := fmt.Fprintln(t.stdout, "note:", printable.Text(text)); err != nil {
			return err
		}
	}
	switch count := len(found.problems); count {
	case 0:
		_, err := fmt.Fprintln(t.stdout, "OK")
		return err
	case 1:
		return errors.New("found 1 problem")
	default:
		return fmt.Errorf("found %d problems", count)
	}
}

func (t *tool) validateApps(flags *appFlags, previous string, found *findings) error {
	applications, err := flags.applications(nil)
	var usage usageError
	if errors.As(err, &usage) {
		return err
	}
	if err != nil {
		for _, line := range lines(err) {
			found.problem("%s", line)
		}
		return nil
	}
	for _, app := range applications {
		record, err := t.record(app, previous, flags, found)
		if err != nil {
			return err
		}
		t.validateApp(app, record, previous != "", found)
	}
	return nil
}

// record is what Cloud Controller has of the app from its previous push.
func (t *tool) record(app platform.Application, previous string, flags *appFlags, found *findings) (*controller.State, error) {
	record := controller.NewState()
	if previous == "" {
		return record, nil
	}
	name := printable.Name(app.Name)
	before, err := flags.previous(previous, app.Name)
	var unread manifest.Problem
	if errors.As(err, &unread) {
		found.note("%s: the previous push was itself refused: %s It had stored nothing.", name, printable.Sentence(unread.Error()))
		return record, nil
	}
	if err != nil {
		return nil, fmt.Errorf("--previous: %w", err)
	}
	if before == nil {
		found.note("%s: the previous manifest does not know it; this is taken for its first push", name)
		return record, nil
	}
	found.note("%s: the previous push is taken to have been that of %s", name, before.Path)
	refusal, err := t.store(*before, record)
	if refusal != nil {
		said := refusal.Error()
		var platform controller.Refusal
		if errors.As(refusal, &platform) {
			said = platform.Sentence // what could have been done is past
		}
		found.note("%s: the previous push was itself refused: %s What follows goes on from what it had stored until then.", name, printable.Sentence(said))
	}
	return record, err
}

// store pushes an app as the platform does. The refusal is why it stopped, which
// may be what staging finds wrong with the app's sidecars.
func (t *tool) store(app platform.Application, record *controller.State) (refusal, err error) {
	declared, err := t.declared(app)
	var unstaged sidecar.Problems
	switch {
	case errors.As(err, &unstaged):
		if refusal := record.StoreManifest(app.Launch); refusal != nil {
			return refusal, nil
		}
		return unstaged[0], nil
	case err != nil:
		return nil, fmt.Errorf("--previous: %w", err)
	}
	record.PartlyStaged = !declared.whole
	return record.Store(declared.staged, app.Launch), nil
}

func (t *tool) validateApp(app platform.Application, record *controller.State, pushed bool, found *findings) {
	found.manifest(app)
	declared, err := t.declared(app)
	for _, warning := range declared.warnings {
		found.note("%s: %s", printable.Name(app.Name), warning)
	}
	if declared.refused != nil {
		found.problem("%s: %s", printable.Name(app.Name), declared.refused)
	}
	if err != nil {
		for _, line := range lines(err) {
			found.problem("%s", line)
		}
	}
	record.PartlyStaged = !declared.whole || err != nil
	prospects := record.SimulatePushes(declared.staged, app.Launch)
	first, second := "the first push", "the second push"
	if pushed {
		first, second = "the next push", "the push after the next"
	}
	name := printable.Name(app.Name)
	for _, refusal := range prospects.First {
		found.problem("%s: %s fails: %s", name, first, explain(refusal, pushed))
	}
	for _, lost := range prospects.Lost {
		found.problem("%s: %s loses sidecar %q without a word: it was the droplet's until now, and goes with it. Push twice, or give it another name.", name, first, lost)
	}
	if notStartable := prospects.Plan.Startable(); !record.PartlyStaged && notStartable != nil && !prospects.First.At(controller.StepStaging) {
		for _, line := range lines(notStartable) {
			found.note("%s: %s", name, line)
		}
	}
	for _, refusal := range prospects.Second {
		found.problem("%s: %s fails: %s", name, second, explain(refusal, pushed))
	}
	if refusals := prospects.AfterRollback; len(refusals) > 0 {
		found.note("%s: after a rollback, the next push fails: %s", name, explainRollback(refusals))
	}
	for _, warning := range prospects.Plan.Warnings {
		found.note("%s: %s", name, warning)
	}
	if declared.order != "" && !startsWeb(prospects.Plan) {
		found.note("%s: %s", name, declared.order)
	}
	for _, warning := range javaWarnings(prospects.Plan, app, declared.java) {
		found.note("%s: %s", name, warning)
	}
	for _, process := range prospects.Plan.Processes {
		for _, s := range process.Sidecars {
			if s.Memory == 0 && s.Origin == controller.OriginUser { // of the others, the judge has said it
				found.note("%s: sidecar %q reserves no memory: what the app takes, it does not have", name, s.Name)
			}
		}
	}
}

// manifest finds what a manifest says that Cloud Controller takes and is most
// likely not meant.
func (f *findings) manifest(app platform.Application) {
	for _, dropped := range app.Launch.Dropped {
		f.problem("%s%s", dropped, droppedSilently)
	}
	for _, note := range app.Notes {
		f.note("%s", note)
	}
}

// deleteUserDefined is how to get rid of a sidecar that stands in the way of the
// buildpack's.
const deleteUserDefined = "cf curl -X DELETE /v3/sidecars/GUID, with its guid from cf curl /v3/apps/$(cf app APP_NAME --guid)/sidecars."

// explain is a refusal in the platform's words, with what the developer can do about it: of an
// app that was pushed before, the platform may have a sidecar that is to be deleted.
func explain(refusal controller.Refusal, pushed bool) string {
	sentence := printable.Sentence(refusal.Sentence)
	if refusal.Hidden {
		sentence += " The user sees a server error instead, or an app that never starts."
	}
	switch {
	case refusal.Detail != "":
		return sentence + " " + refusal.Detail
	case refusal.Reason == controller.ReasonEndpoint:
		return sentence + " Give its path, such as /health, with the key health-check-http-endpoint or readiness-health-check-http-endpoint."
	case refusal.Reason == controller.ReasonConflict && pushed:
		return sentence + " To delete the user-defined one: " + deleteUserDefined
	case refusal.Reason == controller.ReasonConflict:
		return sentence + " Take it out of the manifest, or give one of the two another name."
	default:
		return sentence
	}
}

// explainRollback says once for all sidecars what a rollback leads to: that it makes all of
// them the user's is in the way of whatever assigns a droplet with the buildpack's.
func explainRollback(refusals controller.Refusals) string {
	var names []string
	for _, refusal := range refusals {
		if refusal.Sidecar != "" {
			names = append(names, printable.Name(refusal.Sidecar))
		}
	}
	if len(names) == 0 {
		return printable.Sentence(refusals[0].Sentence)
	}
	return fmt.Sprintf("%s These would have to be deleted then: %s (docs/plan.md says how)", printable.Sentence(refusals[0].Sentence), strings.Join(names, ", "))
}

func (t *tool) validateFiles(files []string, flags *appFlags, found *findings) error {
	for _, file := range files {
		content, err := regularfile.Read(file, maxDescription)
		if err != nil {
			return fmt.Errorf("failed to read the file: %w", err)
		}
		err = t.validateFile(file, content, flags, found)
		if err == nil {
			continue
		}
		for _, line := range lines(err) {
			found.problem("%s", line)
		}
	}
	return nil
}

// validateFile tells a catalog by its name, and an app manifest by the key that
// each one has; everything else is to be a sidecars.yml.
func (t *tool) validateFile(file string, content []byte, flags *appFlags, found *findings) error {
	source := sidecar.Source{Name: file, Content: content}
	if filepath.Ext(file) == ".toml" {
		_, err := sidecar.ParseCatalog(source)
		return err
	}
	var document struct {
		Applications yaml.Node `yaml:"applications"`
	}
	if err := yaml.Unmarshal(content, &document); err == nil && document.Applications.Kind != 0 {
		return validateManifest(file, flags, found)
	}
	builtin, err := t.readBuildpack(platform.BuiltinBuildpack)
	if err != nil {
		return err
	}
	_, warnings, err := sidecar.Resolve(sidecar.Request{Catalog: builtin.Catalog, Sources: []sidecar.Source{source}})
	for _, warning := range warnings {
		found.note("%s", warning)
	}
	return err
}

// validateManifest reads a manifest alone, without the apps that it names.
func validateManifest(file string, flags *appFlags, found *findings) error {
	applications, err := flags.load(file)
	if err != nil {
		return err
	}
	for _, app := range applications {
		found.manifest(app)
		var refusals controller.Refusals
		errors.As(app.Launch.Check(), &refusals)
		for _, refusal := range refusals {
			found.problem("%s: %s", printable.Name(app.Name), explain(refusal, false))
		}
	}
	return nil
}
