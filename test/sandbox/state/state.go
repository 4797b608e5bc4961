// Package state is what a sandbox remembers in its directory between two runs,
// and what keeps two sandboxes apart: the lock on the directory, the part of
// the loopback network, the ports.
//
// Tests read sandbox.json with Read; only the sandbox itself writes it. Begin
// reading at State.
package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"

	"crofthci.io/croft/test/controlplane"
	"crofthci.io/croft/test/sandbox/process"
)

// File is the name of the state in a sandbox's directory.
const File = "sandbox.json"

// State is sandbox.json.
type State struct {
	// Supervisor is the process ID of the running croft-sandbox; 0 when it ended.
	Supervisor int `json:"supervisor"`
	// URL is the page's address once it answers.
	URL string `json:"url,omitempty"`
	// Octet is where the sites' networks begin: site 1 has 127.(Octet+1).0.0/16.
	Octet int `json:"octet"`
	// Ports are the ports on 127.0.0.1, by cluster and listener.
	Ports map[string]controlplane.Ports `json:"ports"`
	// Processes are the supervised programs, in the order of their start.
	Processes []process.Status `json:"processes"`
}

// Read returns the state of the sandbox in dir. A directory without one gives
// an error that is os.ErrNotExist.
func Read(dir string) (State, error) {
	path := filepath.Join(dir, File)
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return State{}, fmt.Errorf("no sandbox in %s: %w", dir, os.ErrNotExist)
	}
	if err != nil {
		return State{}, fmt.Errorf("state of the sandbox: %w", err)
	}
	var s State
	if err := json.Unmarshal(data, &s); err != nil {
		return State{}, fmt.Errorf("state of the sandbox: %s: %w", path, err)
	}
	return s, nil
}

// Open returns the state in dir, or an empty one.
func Open(dir string) (State, error) {
	s, err := Read(dir)
	if errors.Is(err, os.ErrNotExist) {
		return State{Ports: map[string]controlplane.Ports{}}, nil
	}
	return s, err
}

// Write replaces sandbox.json in one step.
func (s State) Write(dir string) error {
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("state of the sandbox: %w", err)
	}
	path := filepath.Join(dir, File)
	if err := os.WriteFile(path+".new", append(data, '\n'), 0o600); err != nil {
		return fmt.Errorf("state of the sandbox: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("state of the sandbox: %w", err)
	}
	return nil
}

// Seed makes the choices of one directory likely the same every time, and
// different from those of another.
func Seed(dir string) uint64 {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(dir)) // a hash takes everything
	return hash.Sum64()
}
