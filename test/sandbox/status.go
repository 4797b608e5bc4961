package main

import (
	"encoding/json"
	"fmt"
	"os"
	"syscall"
	"text/tabwriter"
	"time"

	"crofthci.io/croft/test/sandbox/process"
	"crofthci.io/croft/test/sandbox/state"
)

// Status shows the programs of a sandbox.
type Status struct {
	Dir  string `help:"Directory of the sandbox." default:".sandbox" type:"path"`
	JSON bool   `help:"Print JSON: name, state, pid, restarts, since, lastExit, log of every program."`
}

// Run prints the table.
func (s *Status) Run() error {
	now, err := state.Read(s.Dir)
	if err != nil {
		return err
	}
	if !alive(now.Supervisor) {
		// The kernel ended its programs with it, whatever the file still says.
		now.Supervisor, now.Processes = 0, nil
	}
	if s.JSON {
		encoder := json.NewEncoder(os.Stdout)
		encoder.SetIndent("", "  ")
		return encoder.Encode(now)
	}
	if now.Supervisor == 0 {
		fmt.Printf("the sandbox in %s does not run; start it with `make run`\n", s.Dir)
		return nil
	}
	return table(now.Processes)
}

func table(processes []process.Status) error {
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "PROGRAM\tSTATE\tPID\tRESTARTS\tSINCE\tLAST EXIT")
	for _, p := range processes {
		fmt.Fprintf(out, "%s\t%s\t%d\t%d\t%s\t%s\n",
			p.Name, p.State, p.PID, p.Restarts, time.Since(p.Since).Round(time.Second), p.LastExit)
	}
	return out.Flush()
}

func alive(pid int) bool { return pid > 0 && syscall.Kill(pid, 0) == nil }
