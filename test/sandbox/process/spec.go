// Package process keeps programs running: it starts them, waits until they
// answer, restarts what exits, stops everything in reverse order, and makes
// sure that no child outlives the supervisor, not even one that was killed.
//
// It knows nothing of Kubernetes: package controlplane says which programs make
// a control plane, package main of the sandbox in which order they start.
// Begin reading at Spec, then Supervisor.
package process

import (
	"context"
	"time"
)

// Spec is one program to keep running.
type Spec struct {
	// Name is unique in a supervisor, such as "site-1/kube-apiserver".
	Name string
	// Path is the program's file.
	Path string
	// Args are the program's arguments, without its name.
	Args []string
	// Env is added to the supervisor's own environment.
	Env []string
	// Dir is the working directory; empty means the supervisor's.
	Dir string
	// Log is the file that gets standard output and standard error.
	Log string
	// Ready answers nil once the program serves; nil means at once.
	Ready Probe
	// Patience is how many exits before the first answer fail a start; 0 means 6.
	Patience int
	// LongWait is after how long without an answer the supervisor says so; 0 means 30 seconds.
	LongWait time.Duration
	// Stage orders the stop: higher stages stop first, one stage stops together.
	Stage int
	// Grace is the time between SIGTERM and SIGKILL; 0 means 10 seconds.
	Grace time.Duration
}

// Probe asks a running program whether it serves yet.
type Probe func(ctx context.Context) error

// State is what a supervised program does at the moment.
type State string

// The states of a program, in the order of its life.
const (
	Starting State = "Starting" // it runs and does not answer yet
	Running  State = "Running"  // it answers
	BackOff  State = "BackOff"  // it exited and waits for its restart
	Stopped  State = "Stopped"  // it was asked to end, and ended
)

// Status is a program as `croft-sandbox status` shows it.
type Status struct {
	Name     string    `json:"name"`
	State    State     `json:"state"`
	PID      int       `json:"pid"`
	Restarts int       `json:"restarts"`
	Since    time.Time `json:"since"`
	LastExit string    `json:"lastExit,omitempty"`
	// Waiting is what the probe said last, of a program that has not answered for long.
	Waiting string `json:"waiting,omitempty"`
	Log     string `json:"log,omitempty"`
}
