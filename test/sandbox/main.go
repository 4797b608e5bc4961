// Command croft-sandbox runs a whole Croft on one machine: a hub and several
// sites, each with a real Kubernetes control plane, KubeVirt and CDI as plain
// processes on loopback, the nodes played by croft-site, and Croft's own
// programs as their charts run them.
//
// Begin reading at run.go: the order in which everything starts. README.md says
// which files it keeps.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// commands are what croft-sandbox can do.
type commands struct {
	Run    Run    `cmd:"" help:"Start the sandbox, or continue with its data, until Ctrl-C or SIGTERM."`
	Status Status `cmd:"" help:"Show the sandbox's programs."`
	Clean  Clean  `cmd:"" help:"Forget a stopped sandbox: remove its directory."`

	Guard Guard `cmd:"" help:"Run a command for a sandbox, and end what it leaves." hidden:""`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends at once
	// Helm's library tells of every link that it follows.
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	parsed := kong.Parse(&commands{},
		kong.Name("croft-sandbox"),
		kong.Description("A hub and its sites on this machine, with real control planes on loopback."),
		kong.UsageOnError(),
		kong.BindTo(ctx, (*context.Context)(nil)),
	)
	if err := parsed.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "croft-sandbox:", err)
		stop()
		os.Exit(status(err))
	}
}

// status is that of the command that ran inside the sandbox, or 1.
func status(err error) int {
	var ended *exec.ExitError
	if errors.As(err, &ended) && ended.ExitCode() > 0 {
		return ended.ExitCode()
	}
	return 1
}
