package main

import (
	"errors"
	"fmt"
	"os"

	"crofthci.io/croft/test/sandbox/state"
)

// Clean removes a sandbox that does not run.
type Clean struct {
	Dir string `help:"Directory of the sandbox." default:".sandbox" type:"path"`
}

// Run removes the directory. It touches none that is not a sandbox.
func (c *Clean) Run() error {
	if _, err := state.Read(c.Dir); errors.Is(err, os.ErrNotExist) {
		fmt.Printf("no sandbox in %s\n", c.Dir)
		return nil
	}
	lock, err := state.Hold(c.Dir)
	if err != nil {
		return err
	}
	defer lock.Release()
	if err := os.RemoveAll(c.Dir); err != nil {
		return fmt.Errorf("clean the sandbox: %w", err)
	}
	return nil
}
