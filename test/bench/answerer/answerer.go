// Package answerer is a site's server in a process of its own that asks itself for pages and says what they cost it.
//
// What two servers use of the processors can be told apart only when neither pays for the other's memory, and when both are
// asked in the same moments. So each is a process, and the benchmark asks them in turn.
package answerer

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"k8s.io/client-go/rest"
)

// Cost is what one page took.
type Cost struct {
	// CPU is user's and system's time of the whole process, its collections included.
	CPU time.Duration
	// Allocations are objects on the heap, and Bytes the size of the answer.
	Allocations, Bytes uint64
}

// Answerer is a server that runs.
type Answerer struct {
	command *exec.Cmd
	input   io.WriteCloser
	output  *bufio.Scanner
}

// Start starts a server of the machines at an API server, and returns when it knows all of them. The program that calls it has
// to call Child first thing; folder is where Steve puts its cache.
func Start(config *rest.Config, folder string, formatted bool, machines int) (*Answerer, error) {
	text, err := json.Marshal(order{
		Host: config.Host, CA: config.CAData, Certificate: config.CertData, Key: config.KeyData, Token: config.BearerToken,
		Formatted: formatted, Machines: machines,
	})
	if err != nil {
		return nil, err
	}
	command := exec.Command(os.Args[0], "-test.run=^$")
	command.Env, command.Dir, command.Stderr = append(os.Environ(), variable+"="+string(text)), folder, os.Stderr
	input, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	output, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start the server: %w", err)
	}
	a := &Answerer{command: command, input: input, output: bufio.NewScanner(output)}
	if !a.output.Scan() {
		return nil, errors.Join(errors.New("the server did not say that it is ready"), a.Stop())
	}
	return a, nil
}

// Ask has the server answer a path once.
func (a *Answerer) Ask(path string) (cost Cost, err error) {
	if _, err := fmt.Fprintln(a.input, path); err != nil {
		return Cost{}, err
	}
	if !a.output.Scan() {
		return Cost{}, fmt.Errorf("the server ended at %s: %w", path, a.output.Err())
	}
	return cost, json.Unmarshal(a.output.Bytes(), &cost)
}

// Stop ends the server.
func (a *Answerer) Stop() error {
	return errors.Join(a.input.Close(), a.command.Wait())
}
