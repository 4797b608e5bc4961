package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"crofthci.io/croft/test/sandbox/process"
)

// patience is what a command gets to end after it was asked to.
const patience = 10 * time.Second

// guardWord is the word that makes this program the guard of another.
const guardWord = "guard"

// inside runs the command that was given, with CROFT_SANDBOX naming the
// sandbox's directory: that is how tests get a sandbox of their own. Not even a
// sandbox that is killed leaves anything behind that the command has started.
func (r *Run) inside(ctx context.Context) error {
	args := r.Command
	if args[0] == "--" {
		args = args[1:]
	}
	if err := process.Attend(ctx, []string{guardWord, "--"}, args, []string{"CROFT_SANDBOX=" + r.Dir}); err != nil {
		return fmt.Errorf("%s: %w", strings.Join(args, " "), err)
	}
	return nil
}

// Guard is the guard of a command that runs inside of a sandbox.
type Guard struct {
	Command []string `arg:"" help:"The command."`
}

// Run runs the command. Of how it ended the sandbox tells.
func (g *Guard) Run() error {
	err := process.Guard(g.Command, patience)
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		os.Exit(status(err))
	}
	return err
}
