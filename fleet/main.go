// Command croft-fleet is the hub's half of Croft. As serve, which is what it does
// when nothing is said, it finds the sites, follows them and serves one list of
// all their objects, beside a Rancher or, with --standalone, in the place of one.
// As agent it runs in a site that joined a hub without Rancher. Here is only what
// can be said on the command line; begin reading at serve.go for the fleet and at
// the package standalone for the hub.
package main

import (
	"context"
	"log/slog"
	"os"

	"github.com/alecthomas/kong"
	"github.com/go-logr/logr"
	"github.com/sirupsen/logrus"
	ctrl "sigs.k8s.io/controller-runtime"
)

// commandLine is what can be said on the command line.
type commandLine struct {
	// Debug tells more.
	Debug bool `env:"CROFT_DEBUG" help:"Tell more in the log."`

	// Serve is the hub.
	Serve serveCommand `cmd:"" default:"withargs" help:"Find the sites and serve the list of all their objects; with --standalone also be the hub."`
	// Agent is the site's end of the tunnel to a hub without Rancher.
	Agent agentCommand `cmd:"" help:"Connect this site to a hub without Rancher."`
}

func main() {
	var said commandLine

	parsed := kong.Parse(&said, kong.Name("croft-fleet"), kong.Description("One list of every object at every site, and the hub for those who have no Rancher."))

	level := slog.LevelInfo
	if said.Debug {
		level = slog.LevelDebug
	}

	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	slog.SetDefault(log)
	ctrl.SetLogger(logr.FromSlogHandler(log.Handler()))
	// Steve and remotedialer tell every connection, and every one that breaks.
	logrus.SetLevel(logrus.ErrorLevel)

	parsed.BindTo(ctrl.SetupSignalHandler(), (*context.Context)(nil))
	parsed.FatalIfErrorf(parsed.Run(log))
}
