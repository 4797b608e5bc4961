package stage

import (
	"testing"

	"crofthci.io/croft/test/sandbox/process"
	"crofthci.io/croft/test/sandbox/state"
)

// Process answers one of the sandbox's processes, by its name.
func (s *Stage) Process(t testing.TB, name string) process.Status {
	t.Helper()
	now, err := state.Read(s.Dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range now.Processes {
		if p.Name == name {
			return p
		}
	}
	t.Fatalf("the sandbox has no process %s", name)
	return process.Status{}
}
