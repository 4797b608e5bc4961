// Command croft-backend gives a KubeVirt cluster the Harvester API. It is two programs: "serve" answers requests, and
// "manage" runs the controllers and admission webhooks. capabilities.go is the list of what they know.
package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
	"github.com/go-logr/logr"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"

	"crofthci.io/croft/backend/setting"
)

// version is set when the program is built.
var version = "v0.0.0-dev"

// logLevel is how much is logged now: what the flag says, until the setting log-level says otherwise.
var logLevel slog.LevelVar

var cli struct {
	LogLevel slog.Level `default:"info" help:"How much to log: debug, info, warn or error."`

	Serve  serveCommand  `cmd:"" help:"Serve the site's API."`
	Manage manageCommand `cmd:"" help:"Run the site's controllers and admission webhooks."`

	Describe describeCommand `cmd:"" help:"Write the documents that are made of the capabilities." hidden:""`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	command := kong.Parse(&cli, kong.Name("croft-backend"), kong.Description("The site's half of Croft."),
		kong.Vars{"serverVersion": setting.ServerVersion}, kong.BindTo(ctx, (*context.Context)(nil)))
	logLevel.Set(cli.LogLevel)
	log := slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: &logLevel}))
	slog.SetDefault(log)
	klog.SetSlogLogger(log)
	ctrl.SetLogger(logr.FromSlogHandler(log.Handler()))
	command.FatalIfErrorf(command.Run())
}
