package cli

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/spf13/cobra"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/run"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/show"
)

func (t *tool) push() *cobra.Command {
	var app appFlags
	var services serviceFlags
	var port int
	c := &cobra.Command{
		Use:   "push [APP_NAME]",
		Short: "Stage an app, then run it in the foreground with its log",
		Long: "Stages an app and runs it in the foreground with its log, as cf push and cf logs would.\n" +
			"Ctrl-C stops it as the platform would; a second Ctrl-C stops it at once." + environmentHelp(),
		Args: atMostOneName,
		RunE: func(c *cobra.Command, args []string) error {
			applications, err := app.applications(args)
			if err == nil {
				err = checkPort(c, port, len(applications))
			}
			if err == nil {
				err = services.bind(c, t.environ, applications)
			}
			if err == nil {
				err = t.detectAll(applications)
			}
			if err != nil {
				return err
			}
			return t.withPlatform(func(ctx context.Context, p *platform.Platform, log *show.Log) error {
				droplets, remove, err := p.Workspace("droplets")
				if err != nil {
					return err
				}
				all := newPushes(log, applications, dropletIn(droplets))
				err = reservePort(p, port)
				if err == nil {
					err = all.stageToRun(ctx, p, dropletIn(push.StateDirectory))
				}
				if err == nil {
					err = all.run(ctx, p, port)
				}
				return errors.Join(err, remove())
			})
		},
	}
	app.add(c, forStaging|forRunning)
	services.add(c)
	addPort(c, &port)
	t.addLifecycle(c)
	return c
}

func (t *tool) stage() *cobra.Command {
	var app appFlags
	var services serviceFlags
	var output string
	c := &cobra.Command{
		Use:   "stage [APP_NAME]",
		Short: "Stage an app, and write its droplet and staging result",
		Long: "Stages an app, and writes its droplet, its staging result and the buildpacks' cache. If the platform would refuse\n" +
			"the droplet, it says why, and the exit code is 1." + environmentHelp(),
		Args: atMostOneName,
		RunE: func(stage *cobra.Command, args []string) error {
			applications, err := app.applications(args)
			if err == nil {
				err = services.bind(stage, t.environ, applications)
			}
			if err == nil {
				err = t.detectAll(applications)
			}
			if err != nil {
				return err
			}
			return t.withPlatform(func(ctx context.Context, p *platform.Platform, log *show.Log) error {
				all := newPushes(log, applications, dropletNamed(output, applications))
				if err := all.stage(ctx, p); err != nil {
					return err
				}
				return all.checkStaged()
			})
		},
	}
	app.add(c, forStaging)
	services.add(c)
	t.addLifecycle(c)
	c.Flags().StringVarP(&output, "output", "o", "", "write droplet.tgz, result.json and cache.tgz to this `DIRECTORY` (default: "+push.StateDirectory+"/APP_NAME here)")
	return c
}

func (t *tool) run() *cobra.Command {
	var app appFlags
	var services serviceFlags
	var droplet string
	var port int
	c := &cobra.Command{
		Use:   "run [APP_NAME]",
		Short: "Run a staged droplet",
		Long: "Runs a droplet of sidecar stage, in the foreground with its log. The current manifest and flags say how it runs, not\n" +
			"those that it was staged with." + environmentHelp(),
		Args: atMostOneName,
		RunE: func(run *cobra.Command, args []string) error {
			applications, err := app.applications(args)
			if err == nil {
				err = checkPort(run, port, len(applications))
			}
			if err == nil {
				err = services.bind(run, t.environ, applications)
			}
			if err == nil {
				err = app.noteManifest(applications)
			}
			if err != nil {
				return err
			}
			return t.withPlatform(func(ctx context.Context, p *platform.Platform, log *show.Log) error {
				all := newPushes(log, applications, dropletNamed(droplet, applications))
				if err := reservePort(p, port); err != nil {
					return err
				}
				return all.run(ctx, p, port)
			})
		},
	}
	app.add(c, forRunning)
	services.add(c)
	t.addLifecycle(c)
	c.Flags().StringVarP(&droplet, "droplet", "d", "", "run the droplet in this `DIRECTORY` (default: "+push.StateDirectory+"/APP_NAME here)")
	addPort(c, &port)
	return c
}

func (t *tool) addLifecycle(c *cobra.Command) {
	c.Flags().StringVar(&t.lifecycle, "lifecycle", "", "use the programs builder and launcher in this `DIRECTORY` instead of the embedded ones")
}

func addPort(c *cobra.Command, port *int) {
	c.Flags().Var(&wholeNumber{port, 1, math.MaxUint16, fmt.Sprintf("a port from 1 to %d", math.MaxUint16)}, "port",
		fmt.Sprintf("port `NUMBER` of the first web instance (default: %d, or any free port)", run.DefaultPort))
}

func checkPort(c *cobra.Command, port, apps int) error {
	if port != 0 && apps > 1 {
		return usageError{c.CommandPath(), errors.New("--port cannot be applied to several apps of a manifest: name one of them")}
	}
	return nil
}

// reservePort reserves the port of the flag --port, if it is set.
func reservePort(p *platform.Platform, port int) error {
	if port == 0 {
		return nil
	}
	if err := p.ReservePort(port); err != nil {
		return fmt.Errorf("--port: %w; name another one, or leave out --port for any that is free", err)
	}
	return nil
}
