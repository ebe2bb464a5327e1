package cli

import (
	"errors"
	"fmt"
	"io"
	"os/signal"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/show"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/status"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/suggest"
)

// noApps is printed if no apps are running, which is not an error.
const noApps = "No apps are running."

// A namedStatus is the status of an app's processes. Its JSON is stable.
type namedStatus struct {
	Name string `json:"name"`
	// Directory is where the run was started, since several apps of the same name may run.
	Directory string          `json:"directory"`
	Processes []status.Status `json:"processes"`
}

func (t *tool) ps() *cobra.Command {
	var output string
	var watch bool
	c := &cobra.Command{
		Use:   "ps [APP_NAME]",
		Short: "Show the health, restarts and memory of running apps",
		Long: "Shows every process of the apps that sidecar push and sidecar run are running: its health, its restarts and its memory,\n" +
			"which is the resident memory of the process and its descendants, of its reservation. The restarts of an app's process\n" +
			"are the crashes of its instance; those of a sidecar are restarts by its supervisor since the instance started.",
		Args: atMostOneName,
		RunE: func(ps *cobra.Command, args []string) error {
			if err := exclusive(ps, "watch", "output", "--watch redraws a table"); err != nil {
				return err
			}
			terminal := t.terminal()
			if watch && terminal == nil {
				return usageError{ps.CommandPath(), errors.New("--watch needs a terminal to write to")}
			}
			running, err := t.runningApps(args, ps.ErrOrStderr())
			switch {
			case err != nil:
				return err
			case watch:
				return t.watch(terminal, args)
			case output == outputJSON:
				return showStatuses(t.stdout, running)
			default:
				return printStatuses(t.stdout, running)
			}
		},
	}
	addOutput(c, &output, "output `FORM`: "+outputText+" or "+outputJSON)
	c.Flags().BoolVarP(&watch, "watch", "w", false, "show it every second, until Ctrl-C")
	return c
}

// runningApps returns all running apps, or those with the name that the command line has. If an
// app's files cannot be read, it prints a warning and continues with the others.
func (t *tool) runningApps(args []string, warnings io.Writer) ([]status.RunningApp, error) {
	running, unread := status.RunningApps(t.environ, "")
	if unread != nil {
		fmt.Fprintln(warnings, "Warning:", printable.Text(unread.Error()))
	}
	if len(args) == 0 {
		return running, nil
	}
	var named []status.RunningApp
	for _, app := range running {
		if slices.Contains(args, app.Name) {
			named = append(named, app)
		}
	}
	if len(named) == 0 {
		return nil, notRunning(args[0], running)
	}
	return named, nil
}

// notRunning is the error for an app that does not run; it lists the running ones.
func notRunning(name string, running []status.RunningApp) error {
	if len(running) == 0 {
		return fmt.Errorf("there is no app %q running; start it with sidecar push", name)
	}
	var names []string
	for _, app := range running {
		names = append(names, printable.Name(app.Name))
	}
	names = slices.Compact(names)
	return fmt.Errorf("there is no app %q running%s", name, suggest.Before(suggest.Name(name, names), "these are: "+strings.Join(names, ", ")))
}

func showStatuses(w io.Writer, running []status.RunningApp) error {
	apps := []namedStatus{}
	for _, app := range running {
		one := namedStatus{Name: app.Name, Directory: app.Directory, Processes: []status.Status{}}
		one.Processes = append(one.Processes, status.Statuses([]status.RunningApp{app})...)
		apps = append(apps, one)
	}
	return writeJSON(w, map[string][]namedStatus{"apps": apps})
}

func printStatuses(w io.Writer, running []status.RunningApp) error {
	_, err := fmt.Fprintln(w, strings.Join(statusLines(status.Statuses(running), 0), "\n"))
	return err
}

// statusLines returns a table of all running processes, or a line that there are none.
func statusLines(statuses []status.Status, names int) []string {
	if len(statuses) == 0 {
		return []string{noApps}
	}
	return table{statuses: statuses, apps: true, names: names, now: time.Now()}.lines()
}

// watch shows the table until a signal arrives, and leaves the last one on the terminal.
func (t *tool) watch(terminal *terminal, args []string) error {
	signals := stopSignals()
	defer signal.Stop(signals)
	l := newLive(
		func() []status.Status {
			running, _ := t.runningApps(args, io.Discard) // apps may end at any time
			return status.Statuses(running)
		},
		func(statuses []status.Status) []string {
			columns, rows := terminal.size()
			return fit(statusLines(statuses, nameColumns), columns-1, rows-1)
		})
	l.update()
	output := show.NewOutputWithStatus(t.stdout, l)
	end := l.start()
	var failed error
	select {
	case <-signals:
	case failed = <-output.Failed():
	}
	end()
	output.Expedite()
	fmt.Fprintln(output, strings.Join(l.Lines(), "\n"))
	return errors.Join(failed, output.Close())
}
